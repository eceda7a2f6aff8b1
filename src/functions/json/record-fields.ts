import { assert } from '../../base/assert.ts'
import { QueryError } from '../../base/errors.ts'
import { writeArrayText } from '../../data/types/array-text.ts'
import { text, type DataType } from '../../data/types/data-type.ts'
import { parseScalar } from '../../data/types/parse-scalar.ts'
import type { JsonNode } from '../../data/types/json-tree.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { scalar } from '../define.ts'
import type { ScalarFunction } from '../function.ts'
import { documentOf, jsonText, memberOf, plainText } from './paths.ts'

/*
 * Members of objects as columns that are arrays, see plan/binder/record-columns.ts.
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
  readonly #isJson: boolean
  readonly #depth: number
  readonly #elements: (string | null)[] = []
  readonly #lengths: number[] = []

  constructor(source: string, name: string, node: JsonNode, isJson: boolean) {
    this.#source = source
    this.#name = name
    this.#isJson = isJson
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
    const found = { source: this.#source, node }
    const isNull = node.kind === 'null'
    this.#elements.push(isNull ? null : this.#isJson ? jsonText(found) : plainText(found))
  }
}

export const recordFields: readonly ScalarFunction[] = (['json', 'jsonb'] as const).map((kind) =>
  scalar({
    name: `${kind}_array_field`,
    args: [kind, 'text', 'array'],
    returns: ([, , type = text]: readonly DataType[]) => type,
    nulls: 'called',
    raises: true,
    doc: 'A member of an object as an array of the type of the last argument, whose value does not matter.',
    example: `${kind}_array_field('{"a":[1,2]}', 'a', null::int[]) -- {1,2}`,
    evaluate([object = null, name = null]: readonly Scalar[], _types, result) {
      if (object === null || name === null) return null
      assert(result.kind === 'array', 'an array of another type')
      const found = memberOf(documentOf(String(object)), String(name))
      if (found === undefined || found.node.kind === 'null') return null
      const { source, node } = found
      if (node.kind === 'string') return parseScalar(plainText(found) ?? '', result)
      if (node.kind !== 'array') throw expectedArray(String(name), [])
      const isJson = result.element.kind === 'json' || result.element.kind === 'jsonb'
      return parseScalar(new ArrayOfJson(source, String(name), node, isJson).text(), result)
    },
  }),
)
