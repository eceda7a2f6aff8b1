import { QueryError } from '../../base/errors.ts'
import { interval, type DataType, type TypeKind } from '../../data/types/data-type.ts'
import { TIMESTAMP_MAX, TIMESTAMP_MIN } from '../../data/types/calendar.ts'
import { compareScalars } from '../../data/types/compare-scalar.ts'
import { addNumeric } from '../../data/types/numeric-arithmetic.ts'
import type { IntervalValue, NumericValue, Scalar } from '../../data/types/scalar.ts'
import { addToTimestamp } from '../datetime/interval-arithmetic.ts'
import { addInZone, zoneOf } from '../datetime/zone-moves.ts'
import { tableFunction } from '../define.ts'
import type { ArgumentKind, Moments, Progression, Series, TableFunction } from '../function.ts'

function zeroStep(): QueryError {
  return new QueryError('INVALID_PARAMETER_VALUE', 'step size cannot equal zero')
}

/** Integers that are exact as numbers, whatever is added to them. */
function* shortIntegers(args: readonly Scalar[]): Generator<Scalar> {
  const [start = 0, stop = 0, step = 0] = [args[0], args[1], args[2] ?? 1].map(Number)
  if (step === 0) throw zeroStep()
  for (let value = start; step > 0 ? value <= stop : value >= stop; value += step) yield value
}

const INT8_LIMIT = 2n ** 63n

/** Integers; a step that would leave the type ends the series. */
function* longIntegers(args: readonly Scalar[]): Generator<Scalar> {
  const [start, stop, step] = [args[0], args[1], args[2] ?? 1].map((v) => BigInt(v as bigint))
  if (step === 0n) throw zeroStep()
  const up = step! > 0n
  for (let value = start!; up ? value <= stop! : value >= stop!; value += step!) {
    if (value >= INT8_LIMIT || value < -INT8_LIMIT) return
    yield value
  }
}

function* numerics(args: readonly Scalar[]): Generator<Scalar> {
  const one: NumericValue = { unscaled: 1n, scale: 0 }
  const [start, stop, step] = [args[0], args[1], args[2] ?? one] as readonly NumericValue[]
  const terms = { 'start value': start!, 'stop value': stop!, 'step size': step! }
  for (const [name, { special }] of Object.entries(terms)) {
    if (special === undefined) continue
    const what = special === 'NaN' ? special : 'infinity'
    throw new QueryError('INVALID_PARAMETER_VALUE', `${name} cannot be ${what}`)
  }
  const { unscaled } = step!
  if (unscaled === 0n) throw zeroStep()
  const type: DataType = { kind: 'numeric' }
  for (let value = start!; ; value = addNumeric(value, step!)) {
    const order = compareScalars(value, stop!, type)
    if (unscaled > 0n ? order > 0 : order < 0) return
    yield value
  }
}

/** Moments; months are added to the one before, so that the day of a short month stays. */
function* moments(args: readonly Scalar[]): Generator<Scalar> {
  const [start, stop] = args as readonly bigint[]
  const step = args[2] as IntervalValue
  const sign = signOf(step)
  if (sign === 0) throw zeroStep()
  for (let value = start!; sign > 0 ? value <= stop! : value >= stop!;) {
    yield value
    value = addToTimestamp(value, step)
  }
}

/** Integers from one towards another; undefined where the step is 0, or the end is so far that it is not reached. */
function steps(first: bigint, last: bigint, step: bigint): Progression | undefined {
  if (step === 0n) return undefined
  const rows = (last - first) / step + 1n
  const isBehind = step > 0n ? first > last : first < last
  if (isBehind) return { kind: 'integers', first, step, rows: 0 }
  return rows > ROWS_MAX ? undefined : { kind: 'integers', first, step, rows: Number(rows) }
}

/** Rows that are exact as a number. */
const ROWS_MAX = 2n ** 53n

function integerSteps(args: readonly Scalar[]): Progression | undefined {
  const [first = 0n, last = 0n, step = 0n] = [args[0], args[1], args[2] ?? 1].map((value) =>
    BigInt(value as number | bigint),
  )
  return steps(first, last, step)
}

/** Moments that are days and less apart, unless the one behind the last could be out of range. */
function momentSteps(args: readonly Scalar[]): Progression | undefined {
  const [first = 0n, last = 0n] = args as readonly bigint[]
  const { months, days, micros } = args[2] as IntervalValue
  const step = BigInt(days) * BigInt(MICROS_A_DAY) + micros
  const isNear = [first, last, last + step].every((m) => m > TIMESTAMP_MIN && m < TIMESTAMP_MAX)
  // Days and time that go different ways may leave the range between.
  const isOneWay = BigInt(days) * micros >= 0n
  return months === 0 && isNear && isOneWay ? steps(first, last, step) : undefined
}

function momentSeries(args: readonly Scalar[]): Series | undefined {
  const [first = 0n, last = 0n] = args as readonly bigint[]
  const step = args[2] as IntervalValue
  const apart: Moments = { kind: 'moments', first, last, step }
  return momentSteps(args) ?? (signOf(step) === 0 ? undefined : apart)
}

/** Whether a step goes forwards (1), back (-1), or nowhere (0). */
export function signOf(step: IntervalValue): number {
  return compareScalars(step, { months: 0, days: 0, micros: 0n }, interval)
}

const MICROS_A_DAY = 86_400_000_000
const DAYS_A_MONTH = 30

/** A value as a number on one line, for estimates. */
function onLine(value: Scalar | undefined): number | undefined {
  if (typeof value === 'number' || typeof value === 'bigint') return Number(value)
  if (value === null || typeof value !== 'object' || value instanceof Uint8Array) return undefined
  if ('unscaled' in value) {
    return value.special === undefined ? Number(value.unscaled) / 10 ** value.scale : undefined
  }
  return (value.months * DAYS_A_MONTH + value.days) * MICROS_A_DAY + Number(value.micros)
}

/** Rows of a series that nothing is known of. */
const ROWS_UNKNOWN = 1_000

function rowsOf(args: readonly (Scalar | undefined)[]): number {
  const [start, stop, step = 1] = args.map(onLine)
  if (start === undefined || stop === undefined || step === 0) return ROWS_UNKNOWN
  return Math.max(0, Math.floor((stop - start) / step) + 1)
}

function series(
  args: readonly ArgumentKind[],
  kind: TypeKind,
  forms: Pick<TableFunction, 'rows' | 'series' | 'kernel'>,
  doc: string,
  example: string,
  traits: Pick<TableFunction, 'inZone'> = {},
): TableFunction {
  const returns = { kind } as DataType
  return tableFunction({
    name: 'generate_series',
    args,
    returns,
    doc,
    example,
    ...forms,
    ...traits,
    rowsOf,
  })
}

const numberForms = {
  int4: { rows: shortIntegers, series: integerSteps, kernel: 'repeatRow' },
  int8: { rows: longIntegers, series: integerSteps, kernel: 'repeatRow' },
  numeric: { rows: numerics },
} as const

const numbers = (['int4', 'int8', 'numeric'] as const).flatMap((kind) => {
  const forms = numberForms[kind]
  return [
    series(
      [kind, kind],
      kind,
      forms,
      'The numbers from the first to the second, one apart.',
      'generate_series(1, 3) -- 1, 2, 3',
    ),
    series(
      [kind, kind, kind],
      kind,
      forms,
      'The numbers from the first towards the second, a step apart.',
      'generate_series(5, 1, -2) -- 5, 3, 1',
    ),
  ]
})

const times = (['timestamp', 'timestamptz'] as const).map((kind) =>
  series(
    [kind, kind, 'interval'],
    kind,
    { rows: moments, series: momentSeries },
    'The moments from the first towards the second, a step apart.',
    `generate_series(${kind} '2024-01-31', '2024-03-31', '1 month') -- 2024-01-31, 2024-02-29, 2024-03-29`,
    kind === 'timestamptz' ? { inZone: 'generate_series' } : {},
  ),
)

/** Moments whose days and months a zone's clock counts. */
function* momentsInZone(args: readonly Scalar[]): Generator<Scalar> {
  const [start, stop] = args as readonly bigint[]
  const step = args[2] as IntervalValue
  const zone = zoneOf(args[3])
  const sign = signOf(step)
  if (sign === 0) throw zeroStep()
  for (let value = start!; sign > 0 ? value <= stop! : value >= stop!;) {
    yield value
    value = addInZone(value, step, zone)
  }
}

/** As without a zone where the step is a time, which passes everywhere alike. */
function seriesInZone(args: readonly Scalar[]): Series | undefined {
  const { months, days } = args[2] as IntervalValue
  return months === 0 && days === 0 ? momentSeries(args) : undefined
}

const timesInZone = series(
  ['timestamptz', 'timestamptz', 'interval', 'text'],
  'timestamptz',
  { rows: momentsInZone, series: seriesInZone },
  "The moments from the first towards the second, a step apart by a zone's clock.",
  "generate_series(timestamptz '2024-03-30 11:00+00', '2024-03-31 11:00+00', '1 day', 'Europe/Berlin') -- 2024-03-30 11:00:00+00, 2024-03-31 10:00:00+00",
)

/** generate_series. */
export const seriesFunctions: readonly TableFunction[] = [...numbers, ...times, timesInZone]
