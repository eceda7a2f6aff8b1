import type { Span } from '../../base/span.ts'
import { present } from '../../base/assert.ts'
import {
  isReadOtherwise,
  isUtc,
  isWrittenOtherwise,
  partsOf,
} from '../../data/types/locale-parts.ts'
import {
  arrayOf,
  bool,
  text,
  timestamp,
  timestamptz,
  type DataType,
  type ElementType,
} from '../../data/types/data-type.ts'
import { localeText, type Locale } from '../../data/types/datetime/locale.ts'
import { offsetAt, zoneOfOffset } from '../../data/zones/time-zone.ts'
import { castScalar } from '../../functions/cast-scalar.ts'
import { ownScalar } from '../../functions/define.ts'
import type { ScalarFunction } from '../../functions/function.ts'
import type { FunctionCatalogue } from '../../functions/catalogue.ts'
import { toldZone } from '../../functions/datetime/zone-moves.ts'
import type { WrittenAs } from '../../functions/traits.ts'
import { call, cast, literal } from './build.ts'
import type { Expression } from './expression.ts'

/*
 * What a session's time zone and styles make of casts and calls: others, to which these are arguments. A plan says all
 * that its results follow from, wherever it runs and however long it is kept.
 */

interface Session {
  readonly functions: FunctionCatalogue
  /** Of a session; none: as texts are everywhere else. */
  readonly locale?: Locale | undefined
}

const texts: ReadonlySet<string> = new Set(['text', 'unknown', 'bpchar'])

function elementOf(type: DataType): ElementType {
  return type.kind === 'array' ? type.element : type
}

/** Lists of the catalogs, which are written otherwise than the arrays that they are. */
function isVector(type: DataType): boolean {
  return type.kind === 'array' && type.vector === true
}

function isText(type: DataType): boolean {
  return texts.has(elementOf(type).kind)
}

/** A cast as the session has it. */
export function castInSession(
  session: Session,
  arg: Expression,
  type: DataType,
  span?: Span,
  isLenient = false,
): Expression {
  const { locale } = session
  const plain = (): Expression => cast(arg, type, span, isLenient)
  if (locale === undefined) return plain()
  const from = arg.type
  if (isText(from)) {
    return isReadOtherwise(type, locale)
      ? castBy(session, arg, type, clockLocale(locale, type), isLenient, span)
      : plain()
  }
  if (isText(type)) {
    if (!isWrittenOtherwise(from, locale) && !isVector(from)) return plain()
    if (type.kind !== 'text') return castBy(session, arg, type, locale, isLenient, span)
    return textBy(session, arg, locale, span)
  }
  if (isUtc(locale) || !crossesZone(elementOf(from), elementOf(type))) return plain()
  const direct = isLenient ? undefined : zonedCast(session, arg, type, locale, span)
  if (direct !== undefined) return direct
  const isMoment = elementOf(from).kind === 'timestamptz'
  const own = isMoment ? locale : clockLocale(locale, type)
  return castBy(session, arg, type, own, isLenient, span)
}

const withZone: ReadonlySet<string> = new Set(['timestamptz', 'timetz'])
const moments: ReadonlySet<string> = new Set(['date', 'time', 'timestamp', ...withZone])

/** Whether one of two types has a zone where the other has none or another one. */
function crossesZone(from: DataType, to: DataType): boolean {
  if (!moments.has(from.kind) || !moments.has(to.kind) || from.kind === to.kind) return false
  if (from.kind === 'timetz') return false
  return withZone.has(from.kind) || withZone.has(to.kind)
}

/** Between moments and local times: by functions that have code. */
function zonedCast(
  session: Session,
  arg: Expression,
  type: DataType,
  locale: Locale,
  span: Span | undefined,
): Expression | undefined {
  const told = (value: Expression, result: DataType): Expression => {
    const fn = present(
      session.functions.scalar
        .named('timezone')
        .find(({ args }) => args[0] === 'text' && args[1] === value.type.kind && args.length === 2),
      'timezone',
    )
    return call(fn, [literal(toldZone(locale.zone), text), value], result, span)
  }
  if (arg.type.kind === 'timestamptz') {
    if (type.kind === 'timestamp') return told(arg, timestamp)
    const isPart = type.kind === 'date' || type.kind === 'time'
    return isPart ? cast(told(arg, timestamp), type, span) : undefined
  }
  if (type.kind !== 'timestamptz') return undefined
  if (arg.type.kind === 'timestamp') return told(arg, timestamptz)
  return arg.type.kind === 'date' ? told(cast(arg, timestamp, span), timestamptz) : undefined
}

/** Of a time of day without a day the zone's offset is that of now, which plans are told. */
function clockLocale(locale: Locale, type: DataType): Locale {
  const { zone, nowMicros } = locale
  if (!partsOf(type).includes('clocks') || zone.starts.length === 1 || nowMicros === undefined)
    return locale
  const seconds = Number(nowMicros() / 1_000_000n)
  return { ...locale, zone: zoneOfOffset(offsetAt(zone, seconds)) }
}

function castBy(
  { functions }: Session,
  arg: Expression,
  type: DataType,
  locale: Locale,
  isLenient: boolean,
  span: Span | undefined,
): Expression {
  const own = castInCatalog(arg.type, type, locale)
  if (own !== undefined) return call(own, [arg], type, span)
  const fn = present(functions.scalar.named('cast_in_locale')[0], 'cast_in_locale')
  const told = [literal(localeText(locale), text), literal(isLenient, bool)]
  return call(fn, [arg, ...told], type, span)
}

/** A cast that reads or shows names of objects: by the catalog that it was bound in, which no other process has. */
function castInCatalog(from: DataType, to: DataType, locale: Locale): ScalarFunction | undefined {
  const isOfObjects = [from, to].some((type) => partsOf(type).includes('objects'))
  if (!isOfObjects && !isVector(from)) return undefined
  return ownScalar({
    name: 'cast_in_catalog',
    args: ['any'],
    returns: to,
    volatility: 'stable',
    raises: true,
    doc: 'A cast from or to the names of objects, as the catalog of the statement has them.',
    example: "'pg_class'::regclass::oid -- 1259",
    evaluate: ([value = null], _, result) =>
      value === null ? null : castScalar(value, from, result, locale),
  })
}

function textBy(
  { functions }: Session,
  arg: Expression,
  locale: Locale,
  span: Span | undefined,
): Expression {
  const own = castInCatalog(arg.type, text, locale)
  if (own !== undefined) return call(own, [arg], text, span)
  const fn = present(functions.scalar.named('text_in_locale')[0], 'text_in_locale')
  return call(fn, [arg, literal(localeText(locale), text)], text, span)
}

/** The arguments of a function that writes them as texts, as the session writes these. */
export function writtenInSession(
  session: Session,
  args: readonly Expression[],
  as: WrittenAs,
): readonly Expression[] {
  const { locale } = session
  if (locale === undefined) return args
  // JSON has a style of its own for dates and times.
  const style: Locale = as === 'json' ? { ...locale, dateStyle: 'XSD' } : locale
  return args.map((arg) => {
    const isSame = !isWrittenOtherwise(arg.type, style)
    if (isSame || (as === 'json' && isPlainJson(arg.type, locale))) return arg
    return arg.type.kind === 'array' && as !== 'text'
      ? castBy(session, arg, arrayOf({ kind: 'text' }), style, false, arg.span)
      : textBy(session, arg, style, arg.span)
  })
}

/** The zone that a function counts by in the session; undefined where that is UTC. */
export function zoneArgument({ locale }: Session, span?: Span): Expression | undefined {
  if (locale === undefined || isOfUtc(locale)) return undefined
  return literal(toldZone(locale.zone), text, span)
}

/** UTC by its own name: what functions count by that are not told a zone. */
function isOfUtc(locale: Locale): boolean {
  return isUtc(locale) && locale.zone.calling(0, 0).name === 'UTC'
}

/** Whether JSON of a type is the same in a session; that of rows is written field by field, in UTC. */
function isPlainJson(type: DataType, locale: Locale): boolean {
  if (type.kind === 'record') return true
  const parts = partsOf(type)
  return parts.includes('dates') || (parts.includes('moments') && isUtc(locale))
}
