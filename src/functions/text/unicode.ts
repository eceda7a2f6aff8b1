import { spend } from '../../base/budget.ts'
import { QueryError } from '../../base/errors.ts'
import { bool, text } from '../../data/types/data-type.ts'
import { keep } from '../emit.ts'
import { scalar } from '../define.ts'
import type { ScalarFunction } from '../function.ts'
import type { InlineForm } from '../inline.ts'
import { ELSEWHERE, orElsewhere, pushLanes, viewForm } from '../kernel-forms.ts'
import { checkBytes } from './bounds.ts'

/** The forms that Unicode has, and below which character no text has another one. */
const firstChanged = { NFC: 0x300, NFD: 0xc0, NFKC: 0x80, NFKD: 0x80 } as const
type Form = keyof typeof firstChanged

function formNamed(given: unknown): Form {
  const name = String(given)
  const known = name.toUpperCase()
  if (Object.hasOwn(firstChanged, known)) return known as Form
  throw new QueryError('INVALID_PARAMETER_VALUE', `invalid normalization form: ${name}`)
}

/** Bytes that a byte may become in the longest of the forms. */
const GROWTH_MAX = 18

function normalized(source: string, form: unknown): string {
  const known = formNamed(form)
  spend(source.length)
  if (source.length * GROWTH_MAX > PART_UNITS) checkBytes(source.length)
  return source.normalize(known)
}

const PART_UNITS = 1_048_576

/** The text itself where all of its characters are below one that has another form. */
function belowForm(form: Form): InlineForm {
  return viewForm('textBelow', (ctx, args) => {
    pushLanes(ctx, args.slice(0, 1))
    ctx.f.i32(firstChanged[form])
  })
}

/** TRUE where that is so. */
function isBelowForm(form: Form): InlineForm {
  return (ctx, args) => {
    const { f } = ctx
    pushLanes(ctx, args.slice(0, 1))
    f.i32(firstChanged[form]).call(ctx.kernel('textBelow'))
    const found = keep(f, 'i64')
    f.i32(1)
    const result = keep(f, 'i32')
    orElsewhere(ctx, result, ELSEWHERE, found)
    return { lanes: [result] }
  }
}

/** The form that a constant names; undefined where it is none. */
function formOf(constant: unknown): Form | undefined {
  const name = typeof constant === 'string' ? constant.toUpperCase() : ''
  return Object.hasOwn(firstChanged, name) ? (name as Form) : undefined
}

function ofConstant(make: (form: Form) => InlineForm): NonNullable<ScalarFunction['literalForm']> {
  return ([, constant]) => {
    const form = formOf(constant)
    return form === undefined ? undefined : make(form)
  }
}

const escapes = /\\(?:\\|([0-9a-fA-F]{4})|u([0-9a-fA-F]{4})|\+([0-9a-fA-F]{6})|U([0-9a-fA-F]{8})|)/g

/** A text with escapes of Unicode in place of the characters that they stand for. */
function unescaped(source: string): string {
  spend(source.length)
  let result = ''
  let done = 0
  let high: number | undefined
  const surrogate = (): QueryError =>
    new QueryError('SYNTAX_ERROR', 'invalid Unicode surrogate pair')
  for (const match of source.matchAll(escapes)) {
    const [whole, ...digits] = match
    const between = source.slice(done, match.index)
    const hex = digits.find((each) => each !== undefined)
    if (high !== undefined && (between !== '' || hex === undefined)) throw surrogate()
    result += between
    done = match.index + whole.length
    if (whole === '\\\\') result += '\\'
    else if (hex === undefined) throw invalidEscape()
    else {
      const code = Number.parseInt(hex, 16)
      if (code === 0 || code > 0x10ffff) {
        const message = `invalid Unicode code point: ${code.toString(16).toUpperCase().padStart(4, '0')}`
        throw new QueryError('INVALID_PARAMETER_VALUE', message)
      }
      const isLow = code >= 0xdc00 && code < 0xe000
      if (isLow !== (high !== undefined)) throw surrogate()
      if (high !== undefined) {
        result += String.fromCharCode(high, code)
        high = undefined
      } else if (code >= 0xd800 && code < 0xdc00) high = code
      else result += String.fromCodePoint(code)
    }
  }
  if (high !== undefined) throw surrogate()
  return result + source.slice(done)
}

function invalidEscape(): QueryError {
  return new QueryError('SYNTAX_ERROR', 'invalid Unicode escape', {
    hint: 'Unicode escapes must be \\XXXX, \\+XXXXXX, \\uXXXX, or \\UXXXXXXXX.',
  })
}

/** What Unicode says of texts. */
export const unicodeFunctions: readonly ScalarFunction[] = [
  scalar({
    name: 'unistr',
    args: ['text'],
    returns: text,
    raises: true,
    doc: 'The text with \\XXXX, \\+XXXXXX, \\uXXXX and \\UXXXXXXXX in place of characters.',
    example: "unistr('d\\0061t\\+000061') -- data",
    evaluate: ([source]) => unescaped(String(source)),
    inline: viewForm('textUnescaped'),
  }),
  scalar({
    name: 'normalize',
    args: ['text'],
    returns: text,
    doc: 'The text in the form NFC of Unicode.',
    example: "length(normalize(U&'e\\0301')) -- 1",
    evaluate: ([source]) => normalized(String(source), 'NFC'),
    inline: belowForm('NFC'),
  }),
  scalar({
    name: 'normalize',
    args: ['text', 'text'],
    returns: text,
    raises: true,
    doc: 'The text in a form of Unicode: NFC, NFD, NFKC or NFKD.',
    example: "length(normalize('é', NFD)) -- 2",
    evaluate: ([source, form]) => normalized(String(source), form),
    literalForm: ofConstant(belowForm),
  }),
  scalar({
    name: 'is_normalized',
    args: ['text'],
    returns: bool,
    doc: 'Whether the text is in the form NFC of Unicode.',
    example: "U&'e\\0301' is normalized -- f",
    evaluate: ([source]) => normalized(String(source), 'NFC') === source,
    inline: isBelowForm('NFC'),
  }),
  scalar({
    name: 'is_normalized',
    args: ['text', 'text'],
    returns: bool,
    raises: true,
    doc: 'Whether the text is in a form of Unicode: NFC, NFD, NFKC or NFKD.',
    example: "U&'e\\0301' is NFD normalized -- t",
    evaluate: ([source, form]) => normalized(String(source), form) === source,
    literalForm: ofConstant(isBelowForm),
  }),
]
