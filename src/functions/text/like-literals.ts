import { present } from '../../base/assert.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import type { Local } from '../../wasm/assembler/function-builder.ts'
import { keep, lane } from '../emit.ts'
import type { InlineContext, InlineForm, Value } from '../inline.ts'
import { ELSEWHERE, orElsewhere } from '../kernel-forms.ts'
import type { FunctionTraits } from '../traits.ts'
import { isPairAt } from './characters.ts'
import { BACKSLASH, type LikeOptions, matchedForm } from './like-inline.ts'
import { lowerText } from './letters.ts'

/**
 * Longer texts are not searched for as a whole: that may take as many steps for each byte of a text, and cannot be
 * cancelled.
 */
export const NEEDLE_BYTES_MAX = 64

/** Pieces of a pattern for which code is emitted one by one. */
const PIECES_MAX = 16

/**
 * LIKE and its kind with a literal pattern: without `_`, its pieces are searched for one behind the other, of ILIKE
 * a prefix is compared; other patterns of ILIKE are in lower case once.
 */
export function literalLikeForm({
  negated,
  caseless,
}: LikeOptions): NonNullable<FunctionTraits['literalForm']> {
  return (constants) => {
    const [, pattern] = constants
    if (typeof pattern !== 'string') return undefined
    const escape = constants.length > 2 ? constants[2] : BACKSLASH
    if (caseless) {
      if (!isEscape(escape)) return undefined
      const wanted = foldedPattern(pattern, escape === '' ? undefined : escape)
      const pieces = piecesOf(wanted, BACKSLASH)
      const [prefix = '', rest, ...more] = pieces ?? []
      return rest === '' && more.length === 0
        ? prefixForm(encoder.encode(prefix), negated)
        : lowerForm(encoder.encode(wanted), { negated, caseless })
    }
    const pieces = piecesOf(pattern, escape)
    const letters = (pieces ?? []).map((piece) => encoder.encode(piece))
    const isSearched =
      letters.length > 0 && letters.every(({ length }) => length <= NEEDLE_BYTES_MAX)
    return isSearched ? piecesForm(letters, negated) : undefined
  }
}

const encoder = new TextEncoder()

function isEscape(escape: Scalar | undefined): escape is string {
  return typeof escape === 'string' && escape.length <= (isPairAt(escape, 0) ? 2 : 1)
}

/**
 * A pattern of ILIKE in lower case, its escape character a backslash: what it is compared by case, so it is put aside
 * before case is.
 */
export function foldedPattern(pattern: string, escape: string | undefined): string {
  if (escape === BACKSLASH) return lowerText(pattern)
  let plain = ''
  for (let at = 0; at < pattern.length;) {
    const isEscaped = escape !== undefined && pattern.startsWith(escape, at)
    if (isEscaped) {
      at += escape.length
      plain += BACKSLASH
    }
    const letter = pattern.slice(at, at + (isPairAt(pattern, at) ? 2 : 1))
    plain += letter === BACKSLASH && !isEscaped ? `${BACKSLASH}${BACKSLASH}` : letter
    at += letter.length
  }
  return lowerText(plain)
}

/**
 * What stands between the wildcards `%` of a pattern, as text; undefined for patterns with `_`, of very many
 * pieces, and those at whose end an escape character stands or whose escape is none.
 */
function piecesOf(pattern: string, escape: Scalar | undefined): readonly string[] | undefined {
  if (!isEscape(escape)) return undefined
  const pieces = ['']
  for (let at = 0; at < pattern.length;) {
    const isEscaped = escape !== '' && pattern.startsWith(escape, at)
    if (isEscaped) at += escape.length
    const letter = pattern.slice(at, at + (isPairAt(pattern, at) ? 2 : 1))
    if (letter === '' || (letter === '_' && !isEscaped)) return undefined
    if (letter === '%' && !isEscaped) pieces.push('')
    else pieces.push(`${pieces.pop() ?? ''}${letter}`)
    at += letter.length
  }
  return pieces.length > PIECES_MAX ? undefined : pieces
}

/** ILIKE of a pattern that is in lower case. */
function lowerForm(pattern: Uint8Array, options: LikeOptions): InlineForm {
  return (ctx, args) => matchedForm(ctx, args.slice(0, 2), ctx.bytes(pattern), options)
}

function prefixForm(prefix: Uint8Array, negated: boolean): InlineForm {
  return (ctx, args) => {
    const { f } = ctx
    const wanted = ctx.bytes(prefix)
    f.get(textOf(args)).get(wanted).call(ctx.kernel('textStartsFolded'))
    const answer = keep(f, 'i32')
    f.get(answer)
      .i32(1)
      .op(negated ? 'i32.ne' : 'i32.eq')
    const result = keep(f, 'i32')
    orElsewhere(ctx, result, ELSEWHERE, answer)
    return { lanes: [result] }
  }
}

function textOf(args: readonly Value[]): Local {
  return lane(present(args[0], 'missing text'))
}

/** A check that leaves 1 on the stack where a text passes. */
type Check = () => void

function piecesForm(pieces: readonly Uint8Array[], negated: boolean): InlineForm {
  return (ctx, args) => {
    const { f } = ctx
    const checks = checksOf(ctx, textOf(args), pieces)
    const [only] = checks
    if (only !== undefined && checks.length === 1) only()
    else allOf(ctx, checks)
    if (negated) f.op('i32.eqz')
    return { lanes: [keep(f, 'i32')] }
  }
}

/** Pushes 1 where a text passes all checks; the first that it does not is the last. */
function allOf({ f }: InlineContext, checks: readonly Check[]): void {
  const result = f.local('i32')
  f.i32(0).set(result)
  const failed = f.block()
  for (const check of checks) {
    check()
    f.op('i32.eqz').branchIf(failed)
  }
  f.i32(1).set(result)
  f.end()
  f.get(result)
}

function checksOf(
  ctx: InlineContext,
  text: Local,
  pieces: readonly Uint8Array[],
): readonly Check[] {
  const { f } = ctx
  const views = pieces.map((piece) => ctx.bytes(piece))
  const compared = (
    index: number,
    kernel: 'textEqual' | 'textStartsWith' | 'textEndsWith',
  ): Check => {
    return () => void f.get(text).get(present(views[index], 'piece')).call(ctx.kernel(kernel))
  }
  if (pieces.length === 1) return [compared(0, 'textEqual')]
  const last = pieces.length - 1
  const place = f.local('i32')
  const checks: Check[] = []
  const sizeOf = (index: number): number => pieces[index]?.length ?? 0
  const found = (index: number): Check => {
    return () => {
      f.get(text).get(present(views[index], 'piece')).get(place).call(ctx.kernel('textFind'))
      f.i32(sizeOf(index)).op('i32.add').tee(place)
      f.i32(sizeOf(index)).op('i32.ge_s')
    }
  }
  // What was found must not reach into the end.
  const endsBehind: Check = () => {
    f.get(text).i64(32n).op('i64.shr_u').op('i32.wrap_i64').get(place).op('i32.sub')
    f.i32(sizeOf(last)).op('i32.ge_s')
  }
  if (sizeOf(0) > 0) checks.push(compared(0, 'textStartsWith'))
  f.i32(sizeOf(0)).set(place)
  for (let index = 1; index < last; index++) {
    if (sizeOf(index) > 0) checks.push(found(index))
  }
  if (sizeOf(last) > 0) {
    if (checks.length > 0) checks.push(endsBehind)
    checks.push(compared(last, 'textEndsWith'))
  }
  return checks
}
