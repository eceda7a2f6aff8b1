import { QueryError } from '../../base/errors.ts'
import { readArrayText } from '../../data/types/array-text.ts'
import { arrayOf, json, jsonb, type DataType } from '../../data/types/data-type.ts'
import { nameOf, stringOf, type JsonNode } from '../../data/types/json-tree.ts'
import { quotedJson } from '../../data/types/json-value.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { scalar } from '../define.ts'
import type { ScalarFunction } from '../function.ts'
import { checkBytes } from '../text/bounds.ts'
import { normalizedJson } from './build.ts'
import { documentOf } from './paths.ts'

const texts = arrayOf({ kind: 'text' })

/** Arguments that are all arrays of text. */
function allTexts(types: readonly DataType[]): readonly DataType[] | undefined {
  const fits = types.every(
    (type) => type.kind === 'unknown' || (type.kind === 'array' && type.element.kind === 'text'),
  )
  return fits ? types.map(() => texts) : undefined
}

function subscriptError(message: string): QueryError {
  return new QueryError('ARRAY_SUBSCRIPT_ERROR', message)
}

const WRONG_SUBSCRIPTS = 'wrong number of array subscripts'

type Pair = readonly [name: string | null, value: string | null]

/** Names and values of one array: in turn, or as rows of two. */
function pairsOf(array: Scalar): readonly Pair[] {
  const { dimensions, elements } = readArrayText(String(array))
  const [first, second] = dimensions
  if (dimensions.length > 2) throw subscriptError(WRONG_SUBSCRIPTS)
  if (second !== undefined && second.length !== 2) {
    throw subscriptError('array must have two columns')
  }
  if (second === undefined && (first?.length ?? 0) % 2 !== 0) {
    throw subscriptError('array must have even number of elements')
  }
  return Array.from({ length: elements.length / 2 }, (_, at) => [
    elements[2 * at] ?? null,
    elements[2 * at + 1] ?? null,
  ])
}

/** Names of one array, values of another. */
function pairsOfTwo(names: Scalar, values: Scalar): readonly Pair[] {
  const [left, right] = [readArrayText(String(names)), readArrayText(String(values))]
  if (left.dimensions.length > 1 || right.dimensions.length !== left.dimensions.length) {
    throw subscriptError(WRONG_SUBSCRIPTS)
  }
  if (left.elements.length !== right.elements.length) {
    throw subscriptError('mismatched array dimensions')
  }
  return left.elements.map((name, at) => [name, right.elements[at] ?? null])
}

function objectOfPairs(pairs: readonly Pair[]): string {
  const members = pairs.map(([name, value]) => {
    if (name === null) {
      throw new QueryError('NULL_VALUE_NOT_ALLOWED', 'null value not allowed for object key')
    }
    return `${quotedJson(name)} : ${value === null ? 'null' : quotedJson(value)}`
  })
  const text = `{${members.join(', ')}}`
  checkBytes(text.length)
  return text
}

/** json_object: objects of texts. */
const objects: readonly ScalarFunction[] = (['json', 'jsonb'] as const).flatMap((kind) => {
  const shown = kind === 'json' ? '{"a" : "1"}' : '{"a": "1"}'
  const finished = (pairs: readonly Pair[]): string => {
    const text = objectOfPairs(pairs)
    return kind === 'json' ? text : normalizedJson(text)
  }
  const own = {
    name: `${kind}_object`,
    settle: allTexts,
    returns: kind === 'json' ? json : jsonb,
    raises: true,
  }
  return [
    scalar({
      ...own,
      args: ['array'],
      doc: 'An object of texts: names and values in turn, or pairs of them.',
      example: `${kind}_object('{a,1}') -- ${shown}`,
      evaluate: ([array = null]) => finished(pairsOf(array)),
    }),
    scalar({
      ...own,
      args: ['array', 'array'],
      doc: 'An object of texts: names, and the values of these.',
      example: `${kind}_object('{a}', '{1}') -- ${shown}`,
      evaluate: ([names = null, values = null]) => finished(pairsOfTwo(names, values)),
    }),
  ]
})

/** A json without members that are null, and without blanks. */
function stripped(source: string, node: JsonNode): string {
  if (node.kind === 'string') return quotedJson(stringOf(source, node))
  if (node.kind === 'array') {
    return `[${node.items.map((item) => stripped(source, item)).join(',')}]`
  }
  if (node.kind !== 'object') return source.slice(node.start, node.end)
  const members = node.members.flatMap((member) =>
    member.value.kind === 'null'
      ? []
      : `${quotedJson(nameOf(source, member))}:${stripped(source, member.value)}`,
  )
  return `{${members.join(',')}}`
}

export const objectFunctions: readonly ScalarFunction[] = [
  ...objects,
  scalar({
    name: 'json_strip_nulls',
    args: ['json'],
    returns: json,
    raises: true,
    doc: 'The value without members that are null.',
    example: `json_strip_nulls('{"a":null,"b":1}') -- {"b":1}`,
    evaluate([value = null]) {
      const { source, node } = documentOf(String(value))
      const text = stripped(source, node)
      checkBytes(text.length)
      return text
    },
  }),
]
