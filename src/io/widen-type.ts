import {
  decimal,
  DECIMAL_PRECISION_MAX,
  float8,
  int2,
  int4,
  int8,
  numeric,
  sameType,
  timestamp,
  type DataType,
} from '../data/types/data-type.ts'

/**
 * The type that holds the values of both types of a column that files declare differently: wider
 * integers, floats and decimals, timestamps for dates. Undefined where there is none that is not text.
 */
export function widerDeclaredType(left: DataType, right: DataType): DataType | undefined {
  if (sameType(left, right)) return left
  const pair = [left, right]
  const within = (...kinds: readonly DataType['kind'][]): boolean =>
    pair.every(({ kind }) => kinds.includes(kind))
  if (within('int2', 'int4', 'int8')) {
    return pair.some(({ kind }) => kind === 'int8') ? int8 : int4
  }
  if (within('int2', 'int4', 'int8', 'decimal')) return decimalOfBoth(left, right)
  if (within('int2', 'int4', 'int8', 'decimal', 'numeric')) return numeric
  if (within('int2', 'int4', 'int8', 'decimal', 'numeric', 'float4', 'float8')) return float8
  if (within('date', 'timestamp')) return timestamp
  return undefined
}

function decimalOfBoth(left: DataType, right: DataType): DataType {
  const shapes = [left, right].map(shapeOf)
  const whole = Math.max(...shapes.map((shape) => shape.precision - shape.scale))
  const scale = Math.max(...shapes.map((shape) => shape.scale))
  return whole + scale <= DECIMAL_PRECISION_MAX ? decimal(whole + scale, scale) : numeric
}

/** Digits that an integer type may take. */
const integerDigits: ReadonlyMap<DataType['kind'], number> = new Map([
  [int2.kind, 5],
  [int4.kind, 10],
  [int8.kind, 19],
])

function shapeOf(type: DataType): { readonly precision: number; readonly scale: number } {
  if (type.kind === 'decimal') return type
  return { precision: integerDigits.get(type.kind) ?? 0, scale: 0 }
}

/** Whether values of a file's type are the table's without work: integers in a wider integer type. */
export function readsAsIs(from: DataType, to: DataType): boolean {
  if (sameType(from, to)) return true
  const [narrow, wide] = [integerDigits.get(from.kind), integerDigits.get(to.kind)]
  return narrow !== undefined && wide !== undefined && narrow <= wide
}
