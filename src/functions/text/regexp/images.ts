import { QueryError } from '../../../base/errors.ts'
import { keepNumbers } from './automaton.ts'
import type { Expression } from './expression.ts'
import { ImageWriter } from './image-writer.ts'

/** What kernels have room for. */
const GROUPS_MAX = 9

type Use = 'finder' | 'matcher' | 'divider'

const images = new WeakMap<Expression, Map<Use, Uint8Array | undefined>>()

/** The image by which a kernel finds whether a text has a match; undefined for what only TypeScript runs. */
export function finderOf(expression: Expression): Uint8Array | undefined {
  return imageOf(expression, 'finder', () => {
    const anywhere = !expression.isAnchored
    return new ImageWriter(expression, { anywhere, untilMatch: true }).finish()
  })
}

/** The image by which kernels find where matches are, groups apart. */
export function matcherOf(expression: Expression): Uint8Array | undefined {
  return imageOf(expression, 'matcher', () => matcherWriter(expression).finish())
}

/** The same with what divides a match into its groups. */
export function dividerOf(expression: Expression): Uint8Array | undefined {
  if (expression.groups > GROUPS_MAX) return undefined
  return imageOf(expression, 'divider', () => {
    const writer = matcherWriter(expression)
    writer.writeParts()
    return writer.finish()
  })
}

function matcherWriter(expression: Expression): ImageWriter {
  const untilMatch = expression.parts.prefersShort
  const writer = new ImageWriter(expression, { anywhere: false, untilMatch })
  if (!expression.isAnchored) writer.writeFinder()
  return writer
}

function imageOf(
  expression: Expression,
  use: Use,
  make: () => Uint8Array | undefined,
): Uint8Array | undefined {
  const known = images.get(expression) ?? new Map<Use, Uint8Array | undefined>()
  images.set(expression, known)
  if (known.has(use)) return known.get(use)
  const image = hasTables(expression) ? unlessTooComplex(make) : undefined
  if (image !== undefined) keepNumbers(Math.ceil(image.length / 4))
  known.set(use, image)
  return image
}

/** Lookarounds and back references are tried out where they are met. */
function hasTables({ pattern, machine }: Expression): boolean {
  return !pattern.hasBackReferences && !machine.hasLooks
}

/** Nothing for a pattern that is too complex: each row is to say so. */
function unlessTooComplex(make: () => Uint8Array | undefined): Uint8Array | undefined {
  try {
    return make()
  } catch (error) {
    if (error instanceof QueryError && error.code === 'INVALID_REGULAR_EXPRESSION') return undefined
    throw error
  }
}
