import { writeJsonKey, type JsonValue } from '../../../data/types/json-value.ts'
import type {
  ItemRange,
  JsonPath,
  PathComparison,
  PathItem,
  PathStep,
} from '../../../data/types/jsonpath/tree.ts'
import { isPredicate } from '../../../data/types/jsonpath/tree.ts'
import { SortKeyWriter } from '../../../data/types/sort-key.ts'

/*
 * Paths as kernels read them (wasm/kernels/assembly/functions/json-paths.ts): those in lax mode that raise no error, of members,
 * items, and conditions that compare what a path leads to with constants.
 */

/** What stands before a part, or tells its length, has two bytes. */
const PART_BYTES_MAX = 65_535

type Image = readonly number[]

/** The image of a path that leads to values; undefined where kernels have none. */
export function imageOfPath({ isStrict, root }: JsonPath): Uint8Array | undefined {
  return isStrict ? undefined : bytesOf(steps(root, 'root'))
}

/** The image of a condition. */
export function imageOfCondition({ isStrict, root }: JsonPath): Uint8Array | undefined {
  return isStrict || root.next !== undefined ? undefined : bytesOf(condition(root.step, 'root'))
}

function bytesOf(image: Image | undefined): Uint8Array | undefined {
  return image && Uint8Array.from(image)
}

/** From where paths begin: the document, or @ within a filter. */
type Start = 'root' | 'current'

function steps(item: PathItem, start: Start): Image | undefined {
  if (item.step.kind !== start) return undefined
  const image: number[] = []
  for (let at = item.next; at !== undefined; at = at.next) {
    const step = stepImage(at.step)
    if (step === undefined) return undefined
    image.push(...step)
  }
  return [...image, 0]
}

function stepImage(step: PathStep): Image | undefined {
  if (step.kind === 'member') return sized(1, [...new TextEncoder().encode(step.name)])
  if (step.kind === 'any item') return [4]
  if (step.kind === 'items') return step.ranges.length === 1 ? itemImage(step.ranges[0]) : undefined
  if (step.kind !== 'filter' || step.condition.next !== undefined) return undefined
  const within = condition(step.condition.step, 'current')
  return within && sized(5, within)
}

/** A part with its length before it. */
function sized(kind: number, part: Image): Image | undefined {
  return part.length > PART_BYTES_MAX ? undefined : [kind, ...word(part.length), ...part]
}

function word(value: number): Image {
  return [value & 255, value >> 8]
}

function itemImage(range: ItemRange | undefined): Image | undefined {
  if (range === undefined || range.to !== undefined || range.from.next !== undefined) {
    return undefined
  }
  const { step } = range.from
  if (step.kind === 'last') return [3, 0, 0, 0, 0]
  const isBefore = step.kind === 'arithmetic' && step.operator === '-'
  if (isBefore && isPlainLast(step.left)) return indexed(3, step.right)
  return indexed(2, range.from)
}

function isPlainLast({ step, next }: PathItem): boolean {
  return step.kind === 'last' && next === undefined
}

function indexed(kind: number, { step, next }: PathItem): Image | undefined {
  const isIndex = step.kind === 'number' && next === undefined && /^\d{1,9}$/.test(step.digits)
  if (!isIndex) return undefined
  const index = Number(step.digits)
  return [kind, index & 255, (index >> 8) & 255, (index >> 16) & 255, index >> 24]
}

function condition(step: PathStep, start: Start): Image | undefined {
  if (!isPredicate(step)) return undefined
  switch (step.kind) {
    case 'and':
    case 'or': {
      const [left, right] = [part(step.left, start), part(step.right, start)]
      const first = left && sized(step.kind === 'and' ? 6 : 7, left)
      return first && right && [...first, ...right]
    }
    case 'not':
    case 'is unknown': {
      const of = part(step.operand, start)
      return of && [step.kind === 'not' ? 8 : 9, ...of]
    }
    case 'exists': {
      const path = steps(step.operand, start)
      return path && [10, ...path]
    }
    case 'comparison':
      return (
        compared(step.operator, step.left, step.right, start) ??
        compared(mirrored[step.operator], step.right, step.left, start)
      )
    case 'starts with':
    case 'like_regex':
      return undefined
  }
}

function part({ step, next }: PathItem, start: Start): Image | undefined {
  return next === undefined ? condition(step, start) : undefined
}

const operators: Readonly<Record<PathComparison, number>> = {
  '==': 0,
  '!=': 1,
  '<': 2,
  '<=': 3,
  '>': 4,
  '>=': 5,
}

const mirrored: Readonly<Record<PathComparison, PathComparison>> = {
  '==': '==',
  '!=': '!=',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
}

function compared(
  operator: PathComparison,
  left: PathItem,
  right: PathItem,
  start: Start,
): Image | undefined {
  const path = steps(left, start)
  const constant = constantOf(right)
  if (path === undefined || constant === undefined) return undefined
  const out = new SortKeyWriter()
  writeJsonKey(out, constant.value)
  const key = [...out.finish()]
  if (key.length > PART_BYTES_MAX) return undefined
  return [11, operators[operator], ...word(key.length), ...key, ...path]
}

function constantOf({ step, next }: PathItem): { readonly value: JsonValue } | undefined {
  if (next !== undefined) return undefined
  if (step.kind === 'null') return { value: null }
  if (step.kind === 'boolean') return { value: step.value }
  if (step.kind === 'string') return { value: step.text }
  return step.kind === 'number' ? { value: { digits: step.digits } } : undefined
}
