import { enumOf } from '../data/types/catalogue/enum.ts'
import { writeArrayText } from '../data/types/array-text.ts'
import { arrayOf, text, type DataType, type EnumLabel } from '../data/types/data-type.ts'
import type { Scalar } from '../data/types/scalar.ts'
import { scalar } from './define.ts'
import { sameEnums } from './enum-types.ts'
import type { ScalarFunction } from './function.ts'

const labelsOf = ([type]: readonly DataType[]): readonly EnumLabel[] => enumOf(type).labels

const ownType = ([type = text]: readonly DataType[]): DataType => type

function arrayType([type]: readonly DataType[]): DataType {
  return arrayOf(enumOf(type))
}

function listed(labels: readonly EnumLabel[]): string {
  const elements = labels.map(({ label }) => label)
  const dimensions = elements.length === 0 ? [] : [{ lower: 1, length: elements.length }]
  return writeArrayText({ dimensions, elements })
}

/** NULL for an end that is left open. */
function isBetween({ code }: EnumLabel, [from, to]: readonly Scalar[]): boolean {
  return (
    (from === null || from === undefined || code >= Number(from)) &&
    (to === null || to === undefined || code <= Number(to))
  )
}

const common = { args: ['enum'], settle: sameEnums, nulls: 'called' } as const

/** Functions of a type made by CREATE TYPE ... AS ENUM: a value, even NULL, tells which. */
export const enumFunctions: readonly ScalarFunction[] = [
  scalar({
    ...common,
    name: 'enum_first',
    returns: ownType,
    doc: 'The first value of the type of its argument.',
    example: 'enum_first(null::weekday) -- mon',
    evaluate: (_, types) => labelsOf(types)[0]?.code ?? null,
  }),
  scalar({
    ...common,
    name: 'enum_last',
    returns: ownType,
    doc: 'The last value of the type of its argument.',
    example: 'enum_last(null::weekday) -- sun',
    evaluate: (_, types) => labelsOf(types).at(-1)?.code ?? null,
  }),
  scalar({
    ...common,
    name: 'enum_range',
    returns: arrayType,
    doc: 'All values of the type of its argument.',
    example: 'enum_range(null::weekday) -- {mon,sun}',
    evaluate: (_, types) => listed(labelsOf(types)),
  }),
  scalar({
    ...common,
    args: ['enum', 'enum'],
    name: 'enum_range',
    returns: arrayType,
    doc: 'The values from one to another; NULL: from the first, to the last.',
    example: "enum_range('mon'::weekday, null) -- {mon,sun}",
    evaluate: (ends, types) => listed(labelsOf(types).filter((label) => isBetween(label, ends))),
  }),
]
