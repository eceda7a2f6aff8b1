import { present } from '../../../base/assert.ts'
import { QueryError, type ErrorCode } from '../../../base/errors.ts'
import type { Scalar } from '../../../data/types/scalar.ts'
import { keep, lane } from '../../emit.ts'
import type { InlineContext, InlineForm, Value } from '../../inline.ts'
import {
  ELSEWHERE,
  orElsewhere,
  type Push,
  pushSize,
  writerForm,
  written,
} from '../../kernel-forms.ts'
import type { FunctionTraits } from '../../traits.ts'
import { NEEDLE_BYTES_MAX } from '../like-literals.ts'
import type { Expression } from './expression.ts'
import { dividerOf, finderOf, matcherOf } from './images.ts'

/*
 * Code for expressions that constants give: kernels run their tables. What has none is evaluated in TypeScript:
 * lookarounds, back references, groups that are repeated, patterns that would need large tables.
 */

type LiteralForm = NonNullable<FunctionTraits['literalForm']>

/** Makes the expression of constant arguments; throws what each row is to be told. */
type Read = (args: readonly Scalar[]) => Expression

/** The number of the first character, and of the first match. */
const FIRST = 1

/** What a kernel answers for no match where a text is asked for. */
const NO_TEXT = -2n

const toldByRows: ReadonlySet<ErrorCode> = new Set([
  'INVALID_REGULAR_EXPRESSION',
  'INVALID_PARAMETER_VALUE',
  'INVALID_ESCAPE',
  'INVALID_USE_OF_ESCAPE_CHARACTER',
])

/** The form for an expression that hangs on the arguments at some places, all constant. */
function formOf(
  read: Read,
  places: readonly number[],
  form: (expression: Expression, constants: Parameters<LiteralForm>[0]) => InlineForm | undefined,
): LiteralForm {
  return (constants) => {
    const texts = places
      .filter((place) => place < constants.length)
      .map((place) => constants[place])
    if (!texts.every((text) => typeof text === 'string')) return undefined
    try {
      return form(read(constants.map((constant) => constant ?? null)), constants)
    } catch (error) {
      if (error instanceof QueryError && toldByRows.has(error.code)) return undefined
      throw error
    }
  }
}

/** Whether a text has a match. */
export function findingForm(read: Read, places: readonly number[], negated = false): LiteralForm {
  return formOf(read, places, (expression) => {
    const literal = new TextEncoder().encode(expression.literal)
    if (expression.literal !== undefined && literal.length <= NEEDLE_BYTES_MAX) {
      return literalFinding(literal, negated)
    }
    const finder = finderOf(expression)
    return finder && tableFinding(finder, negated)
  })
}

function literalFinding(literal: Uint8Array, negated: boolean): InlineForm {
  return (ctx, [text]) => {
    const { f } = ctx
    const needle = ctx.bytes(literal)
    f.get(lane(present(text, 'missing text'))).get(needle)
    f.i32(0).call(ctx.kernel('textFind'))
    f.i32(0).op(negated ? 'i32.lt_s' : 'i32.ge_s')
    return { lanes: [keep(f, 'i32')] }
  }
}

function tableFinding(finder: Uint8Array, negated: boolean): InlineForm {
  return (ctx, args) => {
    const { f } = ctx
    pushText(ctx, args, finder)
    f.call(ctx.kernel('patternFinds'))
    const answer = keep(f, 'i32')
    f.get(answer).i32(1)
    f.op(negated ? 'i32.ne' : 'i32.eq')
    const result = keep(f, 'i32')
    orElsewhere(ctx, result, ELSEWHERE, answer)
    return { lanes: [result] }
  }
}

/** Pushes the text and the address of the image. */
function pushText(ctx: InlineContext, [text]: readonly Value[], image: Uint8Array): void {
  const { f } = ctx
  const view = ctx.bytes(image)
  f.get(lane(present(text, 'missing text')))
  f.get(view).op('i32.wrap_i64')
}

/** Pushes an integer argument, or what stands for one that is not given. */
function pushInteger({ f }: InlineContext, value: Value | undefined, otherwise: number): void {
  if (value === undefined) f.i32(otherwise)
  else f.get(lane(value))
}

/** How many matches there are; the third argument is the first character. */
export function countingForm(read: Read, places: readonly number[]): LiteralForm {
  return formOf(read, places, (expression) => {
    const matcher = matcherOf(expression)
    return matcher && countOfMatches(matcher)
  })
}

function countOfMatches(matcher: Uint8Array): InlineForm {
  return (ctx, args) => {
    const { f } = ctx
    pushText(ctx, args, matcher)
    pushInteger(ctx, args[2], FIRST)
    f.get(ctx.workspace()).call(ctx.kernel('patternCount'))
    const result = keep(f, 'i32')
    orElsewhere(ctx, result, ELSEWHERE)
    return { lanes: [result] }
  }
}

/** A match (0) or a group of it, and the image that finds it. */
interface Wanted {
  readonly group: number
  readonly image: Uint8Array
}

/** What is asked for by a constant argument at a place; undefined for what TypeScript finds or refuses. */
function wantedOf(
  expression: Expression,
  constants: Parameters<LiteralForm>[0],
  groupPlace: number,
): Wanted | undefined {
  const group = groupPlace < constants.length ? constants[groupPlace] : 0
  if (typeof group !== 'number' || group < 0 || group > expression.groups) return undefined
  const image = group === 0 ? matcherOf(expression) : dividerOf(expression)
  return image && { group, image }
}

/**
 * Where a match is; after the pattern come the first character, the match's number and which end of it, and at
 * some place the group.
 */
export function placingForm(
  read: Read,
  places: readonly number[],
  groupPlace: number,
): LiteralForm {
  return formOf(read, places, (expression, constants) => {
    const wanted = wantedOf(expression, constants, groupPlace)
    return wanted && placeOfMatch(wanted)
  })
}

function placeOfMatch({ group, image }: Wanted): InlineForm {
  return (ctx, args) => {
    const { f } = ctx
    pushText(ctx, args, image)
    pushInteger(ctx, args[2], FIRST)
    pushInteger(ctx, args[3], FIRST)
    pushInteger(ctx, args[4], 0)
    f.i32(group).get(ctx.workspace()).call(ctx.kernel('patternPlace'))
    const result = keep(f, 'i32')
    orElsewhere(ctx, result, ELSEWHERE)
    return { lanes: [result] }
  }
}

/**
 * A match's text, NULL without one; after the pattern come the first character and the match's number, and at
 * some place the group.
 */
export function partForm(read: Read, places: readonly number[], groupPlace: number): LiteralForm {
  return formOf(read, places, (expression, constants) => {
    const wanted = wantedOf(expression, constants, groupPlace)
    return wanted && partOfMatch(wanted, (args) => args.slice(2, 4))
  })
}

/** The first match, or its first group if there is one. */
export function firstPartForm(read: Read, places: readonly number[]): LiteralForm {
  return formOf(read, places, (expression) => {
    const group = Math.min(1, expression.groups)
    const image = group === 0 ? matcherOf(expression) : dividerOf(expression)
    return image && partOfMatch({ group, image }, () => [])
  })
}

function partOfMatch(
  { group, image }: Wanted,
  numbersOf: (args: readonly Value[]) => readonly Value[],
): InlineForm {
  return (ctx, args) => {
    const { f } = ctx
    const [from, number] = numbersOf(args)
    pushText(ctx, args, image)
    pushInteger(ctx, from, FIRST)
    pushInteger(ctx, number, FIRST)
    f.i32(group).get(ctx.workspace()).call(ctx.kernel('patternPart'))
    const answer = keep(f, 'i64')
    f.get(answer).i64(NO_TEXT).op('i64.ne')
    const valid = keep(f, 'i32')
    f.get(answer).i64(0n).get(valid).op('select')
    const result = keep(f, 'i64')
    orElsewhere(ctx, result, ELSEWHERE, answer, valid)
    return { lanes: [result], valid }
  }
}

/** How the matches to replace are told: by arguments behind the replacement, or a number that is known, 0 for all. */
export type ReplacedNumber = number | 'argument'

/** The text with matches replaced; the third argument is the replacement. */
export function replacingForm(
  read: Read,
  places: readonly number[],
  numberOf: (constants: Parameters<LiteralForm>[0]) => ReplacedNumber,
): LiteralForm {
  return formOf(read, places, (expression, constants) => {
    const [, , replacement] = constants
    const text = typeof replacement === 'string' ? replacement : undefined
    const namesGroup = text !== undefined && /\\[1-9]/.test(text)
    const image = namesGroup ? dividerOf(expression) : matcherOf(expression)
    if (image === undefined) return undefined
    const number = numberOf(constants)
    const isOnce = number === 1 && text !== undefined && !text.includes('\\')
    return writerForm('patternReplace', isOnce ? pushOnce : pushOften, (ctx, args) => {
      pushText(ctx, args, image)
      ctx.f.get(lane(present(args[2], 'missing replacement')))
      pushInteger(ctx, number === 'argument' ? args[3] : undefined, FIRST)
      if (number === 'argument') pushInteger(ctx, args[4], FIRST)
      else ctx.f.i32(number)
      ctx.f.get(ctx.workspace())
    })
  })
}

/** A text with one replacement in it. */
const pushOnce: Push = (ctx, [text, , replacement]) => {
  pushSize(ctx, text)
  pushSize(ctx, replacement)
  ctx.f.op('i64.add')
}

/** A replacement, which may have the match in it, before each character and at the end. */
const pushOften: Push = (ctx, [text, , replacement]) => {
  for (const part of [text, replacement]) {
    pushSize(ctx, part)
    ctx.f.i64(1n).op('i64.add')
  }
  ctx.f.op('i64.mul')
}

/** Bytes of the array of pieces of a text: for each byte of it, and at all. */
const PIECE_FACTOR = 12n
const PIECES_BYTES = 64n

const pushPieces =
  (shares: number): Push =>
  (ctx, [text]) => {
    pushSize(ctx, text)
    ctx.f.i64(PIECE_FACTOR).op('i64.mul').i64(PIECES_BYTES).op('i64.add')
    ctx.f.i64(BigInt(shares)).op('i64.mul')
  }

/** The pieces of a text between matches, an array. */
export function splittingForm(read: Read, places: readonly number[]): LiteralForm {
  return formOf(read, places, (expression) => {
    const image = matcherOf(expression)
    if (image === undefined) return undefined
    return writerForm('patternSplit', pushPieces(1), (ctx, args) => {
      pushText(ctx, args, image)
      ctx.f.get(ctx.workspace())
    })
  })
}

/** The groups of the first match as an array, or the match itself where there are none; NULL without one. */
export function groupsForm(read: Read, places: readonly number[]): LiteralForm {
  return formOf(read, places, (expression) => {
    const { groups } = expression
    const image = groups === 0 ? matcherOf(expression) : dividerOf(expression)
    if (image === undefined) return undefined
    return (ctx, args) => {
      const { f } = ctx
      const answer = written(ctx, 'patternGroups', args, pushPieces(Math.max(1, groups)), () => {
        pushText(ctx, args, image)
        f.i32(groups).get(ctx.workspace())
      })
      f.get(answer).i64(NO_TEXT).op('i64.ne')
      const valid = keep(f, 'i32')
      f.get(answer).i64(0n).get(valid).op('select')
      const result = keep(f, 'i64')
      orElsewhere(ctx, result, ELSEWHERE, answer, valid)
      return { lanes: [result], valid }
    }
  })
}
