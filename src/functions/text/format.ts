import { spend } from '../../base/budget.ts'
import { QueryError } from '../../base/errors.ts'
import { text, type DataType } from '../../data/types/data-type.ts'
import { formatScalar } from '../../data/types/format-scalar.ts'
import { parseScalar } from '../../data/types/parse-scalar.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { scalar } from '../define.ts'
import type { ScalarFunction } from '../function.ts'
import { byteLength, checkBytes } from './bounds.ts'
import { characterCount, TextBuilder } from './characters.ts'
import { formatForm } from './format-inline.ts'
import { parseFormat } from './format-parts.ts'
import { quoted } from './functions.ts'
import { quotedName } from './names.ts'

/** The arguments of format(), by number from 1 on. */
interface Given {
  readonly values: readonly Scalar[]
  readonly types: readonly DataType[]
}

function tooFew(): QueryError {
  return new QueryError('INVALID_PARAMETER_VALUE', 'too few arguments for format()')
}

const INT4_MIN = -2_147_483_648

/** What an argument says of the width; NULL says nothing. */
function widthOf({ values, types }: Given, number: number): number {
  const value = values[number] ?? null
  if (value === null) return 0
  const type = types[number] ?? text
  const known = type.kind === 'int4' || type.kind === 'int2'
  const width = Number(known ? value : parseScalar(formatScalar(value, type), { kind: 'int4' }))
  if (width === INT4_MIN) throw new QueryError('NUMERIC_OUT_OF_RANGE', 'number is out of range')
  return width
}

function converted({ values, types }: Given, number: number, conversion: string): string {
  const value = values[number] ?? null
  if (value === null) {
    if (conversion === 's') return ''
    if (conversion === 'L') return 'NULL'
    const message = 'null values cannot be formatted as an SQL identifier'
    throw new QueryError('NULL_VALUE_NOT_ALLOWED', message)
  }
  const shown = formatScalar(value, types[number] ?? text)
  if (conversion === 's') return shown
  return conversion === 'L' ? quoted(shown) : quotedName(shown)
}

function filledUp(shown: string, width: number, isLeft: boolean): string {
  const missing = Math.abs(width) - characterCount(shown)
  if (missing <= 0) return shown
  checkBytes(byteLength(shown) + missing)
  return isLeft || width < 0 ? shown + ' '.repeat(missing) : ' '.repeat(missing) + shown
}

/** format(): the parts are read one by one, so that what is right comes before what is wrong. */
function formatted(args: readonly Scalar[], types: readonly DataType[]): string | null {
  const [pattern = null] = args
  if (pattern === null) return null
  const given: Given = { values: args, types }
  const out = new TextBuilder()
  let next = 1
  const place = (said: number | undefined): number => {
    const number = said ?? next
    if (number >= args.length) throw tooFew()
    next = number + 1
    return number
  }
  for (const part of parseFormat(String(pattern))) {
    spend(1)
    if (part.kind === 'text') {
      out.add(part.text)
      continue
    }
    const width = part.widthAt === undefined ? part.width : widthOf(given, place(part.widthAt.said))
    const number = place(part.argument)
    out.add(filledUp(converted(given, number, part.conversion), width, part.isLeft))
  }
  return out.finish()
}

const own = {
  name: 'format',
  returns: text,
  nulls: 'called',
  raises: true,
  evaluate: formatted,
} as const

/** Texts by a pattern. */
export const formatFunctions: readonly ScalarFunction[] = [
  scalar({
    ...own,
    args: ['text'],
    doc: 'The text with % in place of %%.',
    example: "format('100%%') -- 100%",
    literalForm: formatForm,
  }),
  scalar({
    ...own,
    args: ['text', 'any'],
    variadic: true,
    doc: 'A text with values in place of %s, names of %I, literals of %L; %2$s is the second, %-9s fills up.',
    example: "format('%s is %I, %L', 1, 'A b', NULL) -- 1 is \"A b\", NULL",
    literalForm: formatForm,
  }),
]
