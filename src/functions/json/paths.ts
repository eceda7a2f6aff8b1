import { nameOf, readJson, stringOf, type JsonNode } from '../../data/types/json-tree.ts'

/** A value within a text of JSON. */
export interface Found {
  readonly source: string
  readonly node: JsonNode
}

/** The text that was read last: of one document several members are wanted, one after another. */
let lastRead: Found | undefined

export function documentOf(source: string): Found {
  if (lastRead?.source !== source) lastRead = { source, node: readJson(source) }
  return lastRead
}

/** The member of an object, the last one of its name. */
export function memberOf({ source, node }: Found, name: string): Found | undefined {
  if (node.kind !== 'object') return undefined
  const member = node.members.findLast((one) => nameOf(source, one) === name)
  return member && { source, node: member.value }
}

/** The item of an array, from 0 on; below 0 from its end. */
export function itemOf({ source, node }: Found, index: number): Found | undefined {
  if (node.kind !== 'array') return undefined
  const item = node.items.at(index)
  return item && { source, node: item }
}

/** What a path of names and numbers leads to; of members of one name, the last that it goes on from. */
export function followed(
  start: Found,
  path: readonly (string | null)[],
  at = 0,
): Found | undefined {
  const step = path[at]
  if (step === undefined) return start
  if (step === null) return undefined
  const { source, node } = start
  if (node.kind === 'array') {
    const item = itemOf(start, indexOf(step))
    return item && followed(item, path, at + 1)
  }
  if (node.kind !== 'object') return undefined
  for (const member of node.members.toReversed()) {
    if (nameOf(source, member) !== step) continue
    const found = followed({ source, node: member.value }, path, at + 1)
    if (found !== undefined) return found
  }
  return undefined
}

/** A step as a number; one that is none leads nowhere. */
function indexOf(step: string): number {
  return /^\s*[+-]?\d+$/.test(step) ? Number(step) : Number.MAX_SAFE_INTEGER
}

/** A found value as JSON. */
export function jsonText({ source, node }: Found): string {
  return source.slice(node.start, node.end)
}

/** A found value as text: strings say what they say, null is NULL. */
export function plainText(found: Found): string | null {
  const { source, node } = found
  if (node.kind === 'null') return null
  return node.kind === 'string' ? stringOf(source, node) : jsonText(found)
}
