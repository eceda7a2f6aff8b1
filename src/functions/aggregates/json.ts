import { spend } from '../../base/budget.ts'
import { QueryError } from '../../base/errors.ts'
import { json, jsonb, text, type DataType, type TypeKind } from '../../data/types/data-type.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { knownTypes } from '../array-elements.ts'
import { aggregate } from '../define.ts'
import type { AggregateFunction } from '../function.ts'
import { jsonOf, memberName, normalizedJson } from '../json/build.ts'
import { checkBytes } from '../text/bounds.ts'
import type { CollectedForm, CollectedRows } from '../aggregate-form.ts'

/** What a value costs at least, in steps of a budget. */
const VALUE_STEPS = 16

/** The parts one behind the other in brackets. Throws PROGRAM_LIMIT_EXCEEDED. */
function enclosed(
  open: string,
  close: string,
  count: number,
  part: (row: number) => string,
): string {
  const parts: string[] = []
  let bytes = 0
  for (let row = 0; row < count; row++) {
    spend(VALUE_STEPS)
    const next = part(row)
    checkBytes((bytes += next.length))
    parts.push(next)
  }
  return `${open}${parts.join('')}${close}`
}

/** The values as an array; json_agg begins a line for each array but the first. */
function arrayText(rows: CollectedRows): string {
  const [type = text] = rows.types
  return enclosed('[', ']', rows.count, (row) => {
    const value = rows.value(row, 0)
    const isNested = type.kind === 'array' || type.kind === 'record'
    const line = isNested && value !== null ? '\n ' : ''
    return `${row === 0 ? '' : `, ${line}`}${jsonOf(value, type)}`
  })
}

/** The pairs as an object, names as often as they come. Throws INVALID_PARAMETER_VALUE for no name. */
function objectText(rows: CollectedRows): string {
  const [nameType = text, type = text] = rows.types
  return enclosed('{ ', ' }', rows.count, (row) => {
    const name = rows.value(row, 0)
    if (name === null) {
      throw new QueryError('INVALID_PARAMETER_VALUE', 'field name must not be null')
    }
    const member = `${memberName(name, nameType)} : ${jsonOf(rows.value(row, 1), type)}`
    return row === 0 ? member : `, ${member}`
  })
}

const collected = { kind: 'collected', required: [], order: 'given' } as const

function form(
  kind: 'json' | 'jsonb',
  shape: 'list' | 'members',
  write: (rows: CollectedRows) => string,
): CollectedForm {
  const finish = (rows: CollectedRows): Scalar => {
    if (rows.count === 0) return null
    const written = write(rows)
    return kind === 'jsonb' ? normalizedJson(written) : written
  }
  return { ...collected, made: `${kind}-${shape}`, finish }
}

/** Of these a name is the text that a cast gives. */
const spelledNames: ReadonlySet<TypeKind> = new Set([
  'bool',
  'int2',
  'int4',
  'int8',
  'decimal',
  'numeric',
  'float4',
  'float8',
  'date',
  'time',
  'uuid',
])

/** What kernels make a jsonb of: names that are texts, values that need not be read. */
function asJsonbMember(type: DataType, isName: boolean): DataType | undefined {
  if (isName) return spelledNames.has(type.kind) ? text : undefined
  return type.kind === 'json' ? jsonb : undefined
}

/** Aggregates that put values into JSON. */
export const jsonAggregates: readonly AggregateFunction[] = (['json', 'jsonb'] as const).flatMap(
  (kind) => {
    const isBinary = kind === 'jsonb'
    const returns = isBinary ? jsonb : json
    return [
      aggregate({
        name: `${kind}_agg`,
        writesArguments: 'json',
        args: ['any'],
        settle: knownTypes,
        returns,
        emptyValue: null,
        form: form(kind, 'list', arrayText),
        ...(isBinary && { collectedAs: (type) => asJsonbMember(type, false) }),
        doc: 'The values as an array of JSON, NULLs as null; NULL over no rows.',
        example: `${kind}_agg(x) over 1, NULL, 3 -- [1, null, 3]`,
      }),
      aggregate({
        name: `${kind}_object_agg`,
        writesArguments: 'json',
        args: ['any', 'any'],
        returns,
        emptyValue: null,
        form: form(kind, 'members', objectText),
        ...(isBinary && { collectedAs: (type, index) => asJsonbMember(type, index === 0) }),
        doc: isBinary
          ? 'Names and values as an object; of equal names the last one stays.'
          : 'Names and values as an object, in the order in which they come.',
        example: `${kind}_object_agg(x, y) over ('a', 1), ('b', NULL) -- ${
          isBinary ? '{"a": 1, "b": null}' : '{ "a" : 1, "b" : null }'
        }`,
      }),
    ]
  },
)
