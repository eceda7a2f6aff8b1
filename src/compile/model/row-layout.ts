import type { ValueBounds } from '../../data/types/value-bounds.ts'
import { laneTypes } from '../../functions/emit.ts'
import type { DataType, TypeKind } from '../../data/types/data-type.ts'
import type { ColumnId } from '../../plan/logical/expression.ts'
import type { Accumulator } from '../../functions/aggregate-form.ts'
import type { KeptRows, PhysicalAggregateCall } from '../../plan/physical/plan.ts'
import type { ValueType } from '../../wasm/assembler/opcodes.ts'
import { present } from '../../base/assert.ts'
import type { AggregateFunction } from '../../functions/function.ts'
import { foldedForm } from '../../functions/aggregates/collect.ts'

/**
 * How breakers keep rows: one after another in pages, every row of one size, named by its address. A
 * row holds a header, the lanes of its fields, and one byte of validity for each nullable field.
 */
export interface RowLayout {
  readonly rowBytes: number
  readonly fields: readonly RowField[]
}

/** A column kept in rows. `state`: the field is an accumulator that yields the column when read. */
export interface RowField {
  readonly id: ColumnId
  readonly type: DataType
  readonly lanes: readonly LaneSlot[]
  /** Offset of the validity byte (1 = valid); undefined for fields that cannot be NULL. */
  readonly validOffset: number | undefined
  readonly state: StateShape | undefined
  readonly bounds: ValueBounds | undefined
}

export interface LaneSlot {
  readonly type: ValueType
  readonly offset: number
}

/** How an aggregate accumulates. */
export interface StateShape {
  readonly accumulator: Accumulator
  readonly argType: DataType | undefined
  readonly sum: SumKind | undefined
  /** Whether the state must remember that it saw a value (NULL otherwise). */
  readonly tracksSeen: boolean
  /** collect: how what is kept of a row lies in the group's list. */
  readonly kept?: RowLayout
  /** fold: the aggregate, and how many numbers its state has. */
  readonly folded?: { readonly fn: AggregateFunction; readonly numbers: number }
}

/**
 * Where the value's lanes are that TypeScript makes of a state once all rows are in: behind the state's own
 * cells. Undefined for states that are read by code.
 */
export function valueLanes({ kept, folded }: StateShape): number | undefined {
  return kept === undefined ? folded?.numbers : listCells.count
}

/**
 * The cells of a group's list of kept rows: its first and last block, where the next row goes, and where
 * the block ends. The cells of the result follow, which is put there when all rows are in.
 */
export const listCells = { first: 0, last: 1, cursor: 2, end: 3, count: 4 } as const

/** A block of a list begins with the next one's address, and where its rows end once it is full. */
export const listBlock = { next: 0, end: 4, bytes: 8 } as const

/** i64, checked nowhere as it cannot overflow; 128 bits; compensated double; others as their type. */
export type SumKind = 'int64' | 'int128' | 'float' | 'numeric' | 'interval'

/** What goes into a row, before offsets are given out. */
export interface FieldRequest {
  readonly id: ColumnId
  readonly type: DataType
  readonly nullable: boolean
  readonly state?: StateShape | undefined
  readonly bounds?: ValueBounds | undefined
}

/**
 * Bytes at the start of a join row: the next row of its chain, its hash, flags. `isLast`: no row behind it in
 * the chain has its hash.
 */
export const joinHeader = {
  next: 0,
  hash: 4,
  matched: 8,
  keyIsNull: 9,
  isLast: 10,
  bytes: 12,
} as const
/** Bytes at the start of a group row: its hash. */
export const groupHeader = { hash: 0, bytes: 4 } as const

/** The lanes of a state's cells. */
export function stateLanes(state: StateShape, type: DataType): readonly ValueType[] {
  switch (state.accumulator) {
    case 'count':
    case 'count-star':
      return ['i64']
    case 'deviation':
    case 'deviation-merge':
      return ['f64', 'f64', 'f64']
    case 'bool-and':
    case 'bool-or':
      return ['i32']
    case 'fold': {
      const { numbers } = present(state.folded, 'state of numbers')
      return [...Array.from({ length: numbers }, () => 'f64' as const), ...laneTypes(type)]
    }
    case 'collect':
      return [...Array.from({ length: listCells.count }, () => 'i32' as const), ...laneTypes(type)]
    case 'bit-and':
    case 'bit-or':
    case 'bit-xor':
    case 'min':
    case 'max':
    case 'any-value':
      return state.argType === undefined ? [] : laneTypes(state.argType)
    case 'sum':
    case 'sum-zero':
    case 'sum-squares':
      if (state.sum === 'float') return ['f64', 'f64']
      return state.sum === 'int64' ? ['i64'] : ['i64', 'i64']
  }
}

/**
 * Places fields after a header, 4-byte lanes before the others and all of them aligned: the `leading`
 * fields, then the rest, then the bytes of validity.
 */
export function layOutRow(
  headerBytes: number,
  requests: readonly FieldRequest[],
  leading: ReadonlySet<number> = new Set(),
): RowLayout {
  let next = headerBytes
  const lanesOf = requests.map((request) =>
    request.state === undefined ? laneTypes(request.type) : stateLanes(request.state, request.type),
  )
  const offsets = lanesOf.map((lanes) => lanes.map(() => 0))
  const place = (isLeading: boolean, bytes: number): void =>
    lanesOf.forEach((lanes, field) => {
      if (leading.has(field) !== isLeading) return
      lanes.forEach((type, lane) => {
        if (laneBytes(type) !== bytes) return
        offsets[field]![lane] = Math.ceil(next / bytes) * bytes
        next = offsets[field]![lane]! + bytes
      })
    })
  for (const isLeading of [true, false]) for (const bytes of [4, 8]) place(isLeading, bytes)
  const fields = requests.map((request, index): RowField => {
    const tracked = request.state === undefined ? request.nullable : request.state.tracksSeen
    return {
      id: request.id,
      type: request.type,
      lanes: lanesOf[index]!.map((type, lane) => ({ type, offset: offsets[index]![lane]! })),
      validOffset: tracked ? next++ : undefined,
      state: request.state,
      bounds: request.bounds,
    }
  })
  return { rowBytes: Math.max(8, Math.ceil(next / 8) * 8), fields }
}

/** Where the fields from the first of `fields` to the end of the last lie. */
export function bytesOfFields(fields: readonly RowField[]): {
  readonly from: number
  readonly to: number
} {
  const ends = fields.flatMap(({ lanes, validOffset }) => [
    ...lanes.map(({ type, offset }) => [offset, offset + laneBytes(type)] as const),
    ...(validOffset === undefined ? [] : [[validOffset, validOffset + 1] as const]),
  ])
  const from = Math.min(...ends.map(([begin]) => begin))
  return { from, to: Math.max(from, ...ends.map(([, end]) => end)) }
}

export function laneBytes(type: ValueType): number {
  return type === 'i64' || type === 'f64' ? 8 : 4
}

/** How an aggregate accumulates. `alwaysFed`: every group gets a value when it comes to be. */
export function stateShape(call: PhysicalAggregateCall, alwaysFed: boolean): StateShape {
  const { accumulator, arg } = call
  const counts = accumulator === 'count' || accumulator === 'count-star'
  const sums = accumulator === 'sum' || accumulator === 'sum-zero'
  return {
    accumulator,
    argType: arg?.type,
    sum: sums
      ? sumKind(present(arg, 'sum without argument').type, call.fitsInt64)
      : accumulator === 'sum-squares'
        ? 'numeric'
        : undefined,
    ...(call.kept &&
      (accumulator === 'fold' ? folded(call.kept) : { kept: keptLayout(call.kept) })),
    tracksSeen: !counts && accumulator !== 'sum-zero' && !(sums && alwaysFed),
  }
}

function folded({ fn }: KeptRows): Pick<StateShape, 'folded'> {
  return { folded: { fn, numbers: foldedForm(fn).numbers } }
}

/** Rows of a list have no header. */
function keptLayout({ exprs }: KeptRows): RowLayout {
  const requests = exprs.map(({ type }) => ({ id: 0 as ColumnId, type, nullable: true }))
  return layOutRow(0, requests)
}

const sumKinds: Readonly<Partial<Record<TypeKind, SumKind>>> = {
  int2: 'int64',
  int4: 'int64',
  int8: 'int128',
  decimal: 'int128',
  float4: 'float',
  float8: 'float',
  numeric: 'numeric',
  interval: 'interval',
}

function sumKind({ kind }: DataType, fitsInt64: boolean): SumKind {
  const sum = present(sumKinds[kind], `sum of ${kind}`)
  return sum === 'int128' && fitsInt64 ? 'int64' : sum
}

/** Bytes of a state of deviations: what is passed on where it is merged elsewhere. */
export const DEVIATION_BYTES = 24
