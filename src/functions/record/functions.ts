import { recordOf as recordTypeOf } from '../../data/types/catalogue/record.ts'
import {
  bool,
  json,
  recordOf,
  text,
  type DataType,
  type RecordType,
} from '../../data/types/data-type.ts'
import { formatScalar } from '../../data/types/format-scalar.ts'
import { parseScalar } from '../../data/types/parse-scalar.ts'
import { readRecordText, writeRecordText } from '../../data/types/record-text.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { scalar } from '../define.ts'
import type { ScalarFunction } from '../function.ts'
import { recordJson } from '../json/build.ts'

/** The row of some types, whose fields are called as ROW calls them. */
function rowOf(types: readonly DataType[]): RecordType {
  return recordOf(types.map((type, at) => ({ name: `f${at + 1}`, type })))
}

/** A row's text of its fields as plain TypeScript. */
export function writeRecord(values: readonly Scalar[], types: readonly DataType[]): string {
  return writeRecordText(
    values.map((value, at) => (value === null ? null : formatScalar(value, types[at] ?? text))),
  )
}

const constructors = ([[], ['any']] as const).map((args) =>
  scalar({
    name: 'row',
    args,
    variadic: args.length > 0,
    returns: rowOf,
    nulls: 'called',
    nullResult: 'never',
    doc: 'A row of the arguments.',
    example: args.length > 0 ? 'row(1, \'a b\') -- (1,"a b")' : 'row() -- ()',
    evaluate: writeRecord,
  }),
)

function fieldsOf(value: Scalar | undefined, type: DataType | undefined): readonly Scalar[] {
  return readRecordText(String(value), recordTypeOf(type).fields.length)
}

const field = scalar({
  name: 'record_field',
  args: ['record', 'int4'],
  returns: ([type]) => recordTypeOf(type).fields[0]?.type ?? text,
  doc: 'The field of a row at a position, counted from 0.',
  example: "(row('a', 2)).f1 -- a",
  evaluate([value, at], [type], result) {
    const found = fieldsOf(value, type)[Number(at)] ?? null
    return found === null ? null : parseScalar(String(found), result)
  },
})

const withField = scalar({
  name: 'record_with_field',
  args: ['record', 'int4', 'any'],
  returns: ([type]) => recordTypeOf(type),
  nulls: 'called',
  nullResult: 'never',
  doc: 'A row with another value in the field at a position, counted from 0, as it is where it has none there; of NULL a row of NULLs.',
  example: "record_with_field(row('a', 2), 1, 3) -- (a,3)",
  evaluate([value = null, at, field = null], [type], result) {
    const { fields } = recordTypeOf(type)
    const texts = value === null ? fields.map(() => null) : [...fieldsOf(value, type)]
    const own = recordTypeOf(result).fields[Number(at)]?.type
    if (own !== undefined) texts[Number(at)] = field === null ? null : formatScalar(field, own)
    return writeRecordText(texts.map((one) => (one === null ? null : String(one))))
  },
})

const nullTests = (
  [
    [
      'record_is_null',
      'Whether all fields are NULL, or the row is.',
      '(row(1, null)) is null -- f',
    ],
    [
      'record_is_not_null',
      'Whether no field is NULL, nor the row.',
      '(row(1, 2)) is not null -- t',
    ],
  ] as const
).map(([name, doc, example]) =>
  scalar({
    name,
    args: ['record'],
    returns: bool,
    nulls: 'called',
    nullResult: 'never',
    doc,
    example,
    evaluate([value = null], [type]) {
      const isNull = name === 'record_is_null'
      if (value === null) return isNull
      return fieldsOf(value, type).every((item) => (item === null) === isNull)
    },
  }),
)

const jsons = ([1, 2] as const).map((count) =>
  scalar({
    name: 'row_to_json',
    args: (['record', 'bool'] as const).slice(0, count),
    returns: json,
    doc:
      count === 1
        ? 'A row as an object of its fields.'
        : 'The same with a line for each field where the second is true.',
    example:
      count === 1
        ? 'row_to_json(row(1, \'a\')) -- {"f1":1,"f2":"a"}'
        : 'row_to_json(row(1, \'a\'), false) -- {"f1":1,"f2":"a"}',
    evaluate: ([value, isPretty], [type]) =>
      recordJson(String(value), recordTypeOf(type), isPretty === true),
  }),
)

/** Functions of rows. */
export const recordFunctions: readonly ScalarFunction[] = [
  ...constructors,
  field,
  withField,
  ...nullTests,
  ...jsons,
]
