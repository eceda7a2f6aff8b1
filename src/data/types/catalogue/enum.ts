import { assert, present } from '../../../base/assert.ts'
import { QueryError } from '../../../base/errors.ts'
import { compareIntegers } from '../compare-values.ts'
import type { DataType, EnumLabel, EnumType } from '../data-type.ts'
import { integerBounds } from '../parse-number.ts'
import type { TypeEntry } from './entry.ts'

/** Values of every type that CREATE TYPE ... AS ENUM makes: codes of their labels. */
export const enumEntry: TypeEntry = {
  sqlNames: [],
  oid: 3500,
  arrayOid: 2277,
  wireBytes: -1,
  category: 'enum',
  form: 'i32',
  layout: 'i32',
  isIntegerLike: true,
  bounds: integerBounds.int4,
  parse(source, type) {
    const enumType = enumOf(type)
    const found = labelsOf(enumType).byText.get(source)
    if (found !== undefined) return found.code
    const message = `invalid input value for enum ${enumType.name}: "${source}"`
    throw new QueryError('INVALID_TEXT_REPRESENTATION', message)
  },
  format(value, type) {
    return present(labelsOf(enumOf(type)).byCode.get(Number(value)), 'label of a code').label
  },
  compare: compareIntegers,
}

interface Labels {
  readonly byText: ReadonlyMap<string, EnumLabel>
  readonly byCode: ReadonlyMap<number, EnumLabel>
}

const known = new WeakMap<readonly EnumLabel[], Labels>()

function labelsOf({ labels }: EnumType): Labels {
  let found = known.get(labels)
  if (found === undefined) {
    found = {
      byText: new Map(labels.map((label) => [label.label, label])),
      byCode: new Map(labels.map((label) => [label.code, label])),
    }
    known.set(labels, found)
  }
  return found
}

export function enumOf(type: DataType | undefined): EnumType {
  assert(type?.kind === 'enum', 'enum of another type')
  return type
}
