import { spend } from '../../base/budget.ts'
import { QueryError } from '../../base/errors.ts'
import { json, jsonb, text } from '../../data/types/data-type.ts'
import { nameOf } from '../../data/types/json-tree.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { tableFunction } from '../define.ts'
import type { RowOfFunction, TableFunction } from '../function.ts'
import { documentOf, jsonText, plainText, type Found } from '../json/paths.ts'

/** Items and members of a document that nothing is known of. */
const PARTS_UNKNOWN = 10
/** What a part costs at least, in steps of a budget. */
const PART_STEPS = 16

function refused(message: string): QueryError {
  return new QueryError('INVALID_PARAMETER_VALUE', message)
}

/** How a value is shown: as JSON, or as text. */
type Shown = (found: Found) => Scalar

interface Entry {
  readonly name: string
  readonly isBinary: boolean
  readonly shown: Shown
}

function isScalar({ node }: Found): boolean {
  return node.kind !== 'array' && node.kind !== 'object'
}

function* items({ name, isBinary, shown }: Entry, source: Scalar): Generator<Scalar> {
  const document = documentOf(String(source))
  const { node } = document
  if (node.kind !== 'array') {
    const what = isScalar(document) ? 'a scalar' : isBinary ? 'an object' : 'a non-array'
    throw refused(
      isBinary ? `cannot extract elements from ${what}` : `cannot call ${name} on ${what}`,
    )
  }
  for (const item of node.items) {
    spend(PART_STEPS)
    yield shown({ source: document.source, node: item })
  }
}

function* members({ name, isBinary, shown }: Entry, from: Scalar): Generator<RowOfFunction> {
  const document = documentOf(String(from))
  const { source, node } = document
  if (node.kind !== 'object') {
    const what = isScalar(document) ? 'a scalar' : 'an array as an object'
    throw refused(isBinary ? `cannot call ${name} on a non-object` : `cannot deconstruct ${what}`)
  }
  for (const member of node.members) {
    spend(PART_STEPS)
    yield [nameOf(source, member), shown({ source, node: member.value })]
  }
}

function* names(name: string, from: Scalar): Generator<Scalar> {
  const document = documentOf(String(from))
  const { source, node } = document
  if (node.kind !== 'object') {
    throw refused(`cannot call ${name} on ${isScalar(document) ? 'a scalar' : 'an array'}`)
  }
  for (const member of node.members) {
    spend(PART_STEPS)
    yield nameOf(source, member)
  }
}

/** Functions that take JSON apart. */
export const jsonRows: readonly TableFunction[] = (['json', 'jsonb'] as const).flatMap((kind) => {
  const isBinary = kind === 'jsonb'
  const own = { args: [kind], rowsOf: () => PARTS_UNKNOWN }
  const forms = [
    { end: '', shown: jsonText, type: isBinary ? jsonb : json, as: '', item: '"a"' },
    { end: '_text', shown: plainText, type: text, as: ' as text', item: 'a' },
  ] as const
  return [
    ...forms.flatMap(({ end, shown, type, as, item }) => {
      const elements = `${kind}_array_elements${end}`
      const each = `${kind}_each${end}`
      return [
        tableFunction({
          ...own,
          name: elements,
          lists: [`${elements}_values`],
          columns: [{ name: 'value', type }],
          doc: `The items of an array${as}.`,
          example: `${elements}('["a", null]') -- ${item}, ${end === '' ? 'null' : 'NULL'}`,
          rows: ([source = null]) => items({ name: elements, isBinary, shown }, source),
        }),
        tableFunction({
          ...own,
          name: each,
          lists: [`${each}_keys`, `${each}_values`],
          columns: [
            { name: 'key', type: text },
            { name: 'value', type },
          ],
          doc: `The members of an object: name and value${as}.`,
          example: `${each}('{"k": "a"}') -- (k, ${item})`,
          rows: ([source = null]) => members({ name: each, isBinary, shown }, source),
        }),
      ]
    }),
    tableFunction({
      ...own,
      name: `${kind}_object_keys`,
      lists: [`${kind}_object_keys_values`],
      returns: text,
      doc: "The names of an object's members.",
      example: `${kind}_object_keys('{"a": 1, "b": 2}') -- a, b`,
      rows: ([source = null]) => names(`${kind}_object_keys`, source),
    }),
  ]
})
