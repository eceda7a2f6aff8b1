import { QueryError } from '../../base/errors.ts'
import { present } from '../../base/assert.ts'
import { text, type DataType } from '../../data/types/data-type.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import type { InlineContext, InlineForm, Value } from '../inline.ts'
import { parseFormat, type FormatPart } from './format-parts.ts'
import { concatForm, joinsInline } from './join-forms.ts'

const encoder = new TextEncoder()

/** Parts that a pattern has at most to be code. */
const PARTS_MAX = 32

/** A constant pattern without widths, whose arguments are shown as they are, is texts that are joined. */
export function formatForm(
  [pattern]: readonly (Scalar | undefined)[],
  types: readonly DataType[],
): InlineForm | undefined {
  const parts = typeof pattern === 'string' ? joinedParts(pattern, types) : undefined
  if (parts === undefined || parts.length === 0) return undefined
  return (ctx, args, result) => {
    const values = parts.map((part) =>
      typeof part === 'string' ? textValue(ctx, part) : present(args[part], 'argument'),
    )
    return concatForm(ctx, values, result)
  }
}

function textValue(ctx: InlineContext, content: string): Value {
  const view = ctx.bytes(encoder.encode(content))
  return { type: text, lanes: [view], valid: undefined, range: undefined }
}

/** Texts, and arguments by their number. */
function joinedParts(
  pattern: string,
  types: readonly DataType[],
): readonly (string | number)[] | undefined {
  const parts = partsOf(pattern)
  if (parts === undefined || parts.length > PARTS_MAX) return undefined
  let next = 1
  const joined: (string | number)[] = []
  for (const part of parts) {
    if (part.kind === 'text') joined.push(part.text)
    else {
      const isPlain = part.conversion === 's' && part.width === 0 && part.widthAt === undefined
      const number = part.argument ?? next
      const type = types[number]
      if (!isPlain || type === undefined || !joinsInline([type])) return undefined
      joined.push(number)
      next = number + 1
    }
  }
  return joined
}

function partsOf(pattern: string): readonly FormatPart[] | undefined {
  try {
    return [...parseFormat(pattern)]
  } catch (error) {
    if (error instanceof QueryError) return undefined
    throw error
  }
}
