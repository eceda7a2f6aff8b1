import { QueryError } from '../../base/errors.ts'
import type { SequenceOptions } from '../../plan/catalog/catalog.ts'
import { dataTypeOf } from '../../plan/binder/type-name.ts'
import type { SequenceOption } from '../../sql/ast/definition.ts'

type SequenceType = SequenceOptions['type']

const shownTypes = { int2: 'smallint', int4: 'integer', int8: 'bigint' } as const

const bounds: Readonly<Record<SequenceType, bigint>> = {
  int2: 32_767n,
  int4: 2_147_483_647n,
  int8: 9_223_372_036_854_775_807n,
}

/** What a sequence is to be. */
export interface SettledOptions {
  readonly options: SequenceOptions
  /** Where it begins anew; undefined: it goes on. */
  readonly restart: bigint | undefined
}

type OptionOf<K, Option = SequenceOption> = Option extends { readonly kind: infer Kinds }
  ? K extends Kinds
    ? Option
    : never
  : never

type Said = { readonly [K in SequenceOption['kind']]?: OptionOf<K> }

/**
 * Options of a sequence as they are written, over those that it has (`before`) or the usual ones. `type`: of an identity
 * column. Errors: SYNTAX_ERROR for what is said twice; INVALID_PARAMETER_VALUE.
 */
export function settledOptions(
  written: readonly SequenceOption[],
  before?: SequenceOptions,
  type?: SequenceType,
): SettledOptions {
  const said = saidOnce(written)
  const own = said.as === undefined ? (type ?? before?.type ?? 'int8') : sequenceType(said.as)
  const increment = numberOf(said.increment) ?? before?.increment ?? 1n
  if (increment === 0n) throw invalid('INCREMENT must not be zero')
  const isUp = increment > 0n
  const most = bounds[own]
  const least = -most - 1n
  // Bounds that are those of the type follow it.
  const followed = before && own !== before.type ? before.type : undefined
  const kept = (value: bigint | undefined, usual: bigint | undefined): bigint | undefined =>
    followed !== undefined && value === usual ? undefined : value
  const usualMax = followed && (isUp ? bounds[followed] : undefined)
  const usualMin = followed && (isUp ? undefined : -bounds[followed] - 1n)
  const max =
    (said.max === undefined ? kept(before?.max, usualMax) : numberOf(said.max)) ??
    (isUp ? most : -1n)
  const min =
    (said.min === undefined ? kept(before?.min, usualMin) : numberOf(said.min)) ??
    (isUp ? 1n : least)
  checkBound('MAXVALUE', max, own)
  checkBound('MINVALUE', min, own)
  if (min >= max) throw invalid(`MINVALUE (${min}) must be less than MAXVALUE (${max})`)
  const start = numberOf(said.start) ?? before?.start ?? (isUp ? min : max)
  checkWithin('START', start, min, max)
  const cache = numberOf(said.cache) ?? before?.cache ?? 1n
  if (cache < 1n) throw invalid(`CACHE (${cache}) must be greater than zero`)
  const cycles = said.cycle?.value ?? before?.cycles ?? false
  const restart = said.restart && (numberOf(said.restart) ?? start)
  if (restart !== undefined) checkWithin('RESTART', restart, min, max)
  return { options: { type: own, increment, min, max, start, cache, cycles }, restart }
}

/** The number of an option, where it has one. Errors: INVALID_TEXT_REPRESENTATION. */
function numberOf(option: { readonly value: string | undefined } | undefined): bigint | undefined {
  const text = option?.value
  if (text === undefined) return undefined
  if (/^-?\d+$/.test(text)) return BigInt(text)
  const message = `invalid input syntax for type bigint: "${text}"`
  throw new QueryError('INVALID_TEXT_REPRESENTATION', message)
}

function saidOnce(written: readonly SequenceOption[]): Said {
  const said: Partial<Record<SequenceOption['kind'], SequenceOption>> = {}
  for (const option of written) {
    if (said[option.kind] !== undefined) {
      const { span } = option
      throw new QueryError('SYNTAX_ERROR', 'conflicting or redundant options', { span })
    }
    said[option.kind] = option
  }
  return said as Said
}

function sequenceType({ type }: Extract<SequenceOption, { kind: 'as' }>): SequenceType {
  const { kind } = dataTypeOf(type, undefined)
  if (kind === 'int2' || kind === 'int4' || kind === 'int8') return kind
  throw invalid('sequence type must be smallint, integer, or bigint')
}

function checkBound(word: string, value: bigint, type: SequenceType): void {
  const most = bounds[type]
  if (value <= most && value >= -most - 1n) return
  throw invalid(`${word} (${value}) is out of range for sequence data type ${shownTypes[type]}`)
}

function checkWithin(word: string, value: bigint, min: bigint, max: bigint): void {
  if (value < min) throw invalid(`${word} value (${value}) cannot be less than MINVALUE (${min})`)
  if (value > max)
    throw invalid(`${word} value (${value}) cannot be greater than MAXVALUE (${max})`)
}

function invalid(message: string): QueryError {
  return new QueryError('INVALID_PARAMETER_VALUE', message)
}
