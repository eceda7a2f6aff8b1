import { assert } from '../../base/assert.ts'
import { isCatalogueEntry } from '../../functions/function.ts'

/**
 * A text that is equal only for equal plain data: records by their fields in order, lists, maps and
 * byte arrays by content, functions by their ids; -0 and 0 differ, as do a number and a bigint. Names of fields are left out:
 * records of one kind are to be built with all of their fields, in one order, the kind first.
 */
export function shapeKey(value: unknown): string {
  switch (typeof value) {
    // Told apart by its length, which is quicker than quotes and escapes.
    case 'string':
      return `${value.length}'${value}`
    case 'bigint':
      return `${value}n`
    case 'number':
      return Object.is(value, -0) ? '-0' : `${value}`
    case 'object':
      return value === null ? '!' : objectKey(value)
    case 'boolean':
      return value ? 't' : 'f'
    case 'undefined':
      return '-'
    case 'function':
    case 'symbol':
      return assert(false, `the shape of a ${typeof value}`) as never
  }
}

function objectKey(value: object): string {
  if (Array.isArray(value)) {
    let text = '['
    for (const part of value) text += `${shapeKey(part)},`
    return `${text}]`
  }
  if (value instanceof Map) return `<${shapeKey([...value])}>`
  if (value instanceof Uint8Array) return `#${value.join(' ')}#`
  if (isCatalogueEntry(value)) return shapeKey(value.id)
  let text = '{'
  const fields = value as Readonly<Record<string, unknown>>
  for (const name in fields) text += `${shapeKey(fields[name])},`
  return `${text}}`
}
