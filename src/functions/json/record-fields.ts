import { QueryError } from '../../base/errors.ts'
import { writeArrayText } from '../../data/types/array-text.ts'
import { recordOf } from '../../data/types/catalogue/record.ts'
import { text, type DataType, type RecordType } from '../../data/types/data-type.ts'
import { formatScalar } from '../../data/types/format-scalar.ts'
import { readRecordText, writeRecordText } from '../../data/types/record-text.ts'
import { parseScalar } from '../../data/types/parse-scalar.ts'
import type { JsonNode } from '../../data/types/json-tree.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { scalar } from '../define.ts'
import type { ScalarFunction } from '../function.ts'
import { documentOf, jsonText, memberOf, plainText, type Found } from './paths.ts'

/*
 * Members of objects as columns that are arrays or rows, see plan/binder/record-columns.ts, and objects as rows.
 */

function expectedArray(name: string, places: readonly number[]): QueryError {
  const shown = places.map((place) => `[${place}]`).join('')
  const value = shown === '' ? 'value' : `array element ${shown}`
  return new QueryError('INVALID_TEXT_REPRESENTATION', 'expected JSON array', {
    hint: `See the ${value} of key "${name}".`,
  })
}

/** How deep arrays are nested: as far as the first value that is none, or the first array without items. */
function depthOf(node: JsonNode): number {
  let depth = 0
  for (let at: JsonNode | undefined = node; at?.kind === 'array'; at = at.items[0]) depth++
  return depth
}

/** An array of JSON as the text of one of SQL. */
class ArrayOfJson {
  readonly #source: string
  readonly #name: string
  readonly #textOf: (item: Found) => string | null
  readonly #depth: number
  readonly #elements: (string | null)[] = []
  readonly #lengths: number[] = []

  constructor(
    source: string,
    name: string,
    node: JsonNode,
    textOf: (item: Found) => string | null,
  ) {
    this.#source = source
    this.#name = name
    this.#textOf = textOf
    this.#depth = depthOf(node)
    this.#read(node, [])
  }

  text(): string {
    const elements = this.#elements
    const dimensions = this.#lengths.map((length) => ({ lower: 1, length }))
    return writeArrayText({ dimensions: elements.length === 0 ? [] : dimensions, elements })
  }

  #read(node: JsonNode, places: readonly number[]): void {
    if (places.length === this.#depth) return this.#element(node)
    if (node.kind !== 'array') throw expectedArray(this.#name, places)
    const expected = (this.#lengths[places.length] ??= node.items.length)
    node.items.forEach((item, at) => this.#read(item, [...places, at]))
    if (node.items.length !== expected) {
      throw new QueryError('INVALID_TEXT_REPRESENTATION', 'malformed JSON array', {
        detail: 'Multidimensional arrays must have sub-arrays with matching dimensions.',
      })
    }
  }

  #element(node: JsonNode): void {
    this.#elements.push(this.#textOf({ source: this.#source, node }))
  }
}

/** What a JSON object is as a row; members that it has not are those of `base`. */
export function rowOfJson(found: Found, type: RecordType, base: Scalar): Scalar {
  const { node } = found
  if (node.kind !== 'object') {
    const what = node.kind === 'array' ? 'an array' : 'a scalar'
    throw new QueryError('INVALID_PARAMETER_VALUE', `cannot call populate_composite on ${what}`)
  }
  const { fields } = type
  const before = base === null ? [] : readRecordText(String(base), fields.length)
  return writeRecordText(
    fields.map(({ name, type: own }, at) => {
      const member = memberOf(found, name)
      const text = before[at] ?? null
      return member === undefined ? text : fieldText(member, name, own, text)
    }),
  )
}

/** A member as the text of a value of a type. */
function fieldText(
  found: Found,
  name: string,
  type: DataType,
  before: string | null = null,
): string | null {
  const value = valueOfJson(found, name, type, before)
  return value === null ? null : formatScalar(value, type)
}

/** A member as PostgreSQL's populate_record has it: text is read as the type, what is null is NULL. */
function valueOfJson(
  found: Found,
  name: string,
  type: DataType,
  before: string | null = null,
): Scalar {
  const { source, node } = found
  if (node.kind === 'null') return null
  if (type.kind === 'json' || type.kind === 'jsonb') return parseScalar(jsonText(found), type)
  const isText = node.kind === 'string'
  if (type.kind === 'record' && !isText) return rowOfJson(found, type, before)
  if (type.kind !== 'array' || isText) return parseScalar(plainText(found) ?? '', type)
  if (node.kind !== 'array') throw expectedArray(name, [])
  const { element } = type
  const array = new ArrayOfJson(source, name, node, (item) => fieldText(item, name, element))
  return parseScalar(array.text(), type)
}

export const recordFields: readonly ScalarFunction[] = (['json', 'jsonb'] as const).flatMap(
  (kind) => [
    scalar({
      name: `${kind}_field_as`,
      args: [kind, 'text', 'any'],
      returns: ([, , type = text]: readonly DataType[]) => type,
      nulls: 'called',
      raises: true,
      doc: 'A member of an object as a value of the type of the last argument, whose value does not matter.',
      example: `${kind}_field_as('{"a":[1,2]}', 'a', null::int[]) -- {1,2}`,
      evaluate([object = null, name = null]: readonly Scalar[], _types, result) {
        if (object === null || name === null) return null
        const found = memberOf(documentOf(String(object)), String(name))
        return found === undefined ? null : valueOfJson(found, String(name), result)
      },
    }),
    scalar({
      name: `${kind}_populate_record`,
      args: ['any', kind],
      settle(types: readonly DataType[]) {
        refuseOtherThanRow(`${kind}_populate_record`, types[0])
        return types.map((type, at) => (at === 0 ? type : { kind }))
      },
      returns: ([type = text]: readonly DataType[]) => type,
      nulls: 'called',
      raises: true,
      doc: 'An object as a row of the type of the first argument, whose fields those have that are no members.',
      example: `${kind}_populate_record(row(1, 2), '{"f2": 7}') -- (1,7)`,
      evaluate: ([base = null, object = null]: readonly Scalar[], _types, result) =>
        object === null ? base : rowOfJson(documentOf(String(object)), recordOf(result), base),
    }),
  ],
)

/** Errors: DATATYPE_MISMATCH. */
export function refuseOtherThanRow(name: string, type: DataType | undefined): void {
  if (type?.kind === 'record') return
  const message =
    type === undefined || type.kind === 'unknown'
      ? 'could not determine polymorphic type because input has type unknown'
      : `first argument of ${name} must be a row type`
  throw new QueryError('DATATYPE_MISMATCH', message)
}
