import { present } from '../../base/assert.ts'
import { timestamp } from '../../data/types/data-type.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import type { TimeZone } from '../../data/zones/time-zone.ts'
import type { Local } from '../../wasm/assembler/function-builder.ts'
import { keep, lane } from '../emit.ts'
import type { InlineContext, InlineForm, Value } from '../inline.ts'
import { fixedBytes, writerForm } from '../kernel-forms.ts'
import type { FunctionTraits } from '../traits.ts'
import {
  addDaysChecked,
  checkMoment,
  moveMomentForm,
  negate32,
  timestampBounds,
} from './arithmetic-inline.ts'
import { addInt64Checked } from '../operators/integer-inline.ts'
import { fieldName } from './fields.ts'
import { literalFieldForm, truncationOf } from './fields-inline.ts'
import { clockUnits, tableOf } from './zone-moves.ts'
import { zoneTable } from './zone-table.ts'

/* Moments by the clocks of zones that are constants: kernels look their tables up. */

type LiteralForm = NonNullable<FunctionTraits['literalForm']>

/** Bytes in which a kernel keeps what it found. */
const KEPT_BYTES = 24
const MICROS_PER_SECOND = 1_000_000n
/** A year of six digits, six of a fraction, and an offset with seconds. */
const TEXT_BYTES = 44

/** A zone that is known when code is made. */
export interface EmittedZone {
  /** Emits: what its clocks show. */
  local(ctx: InlineContext, moment: Local): Local
  /** Emits: when they show it. */
  moment(ctx: InlineContext, local: Local): Local
  /** Emits: the offset at a moment, in microseconds. */
  offset(ctx: InlineContext, moment: Local): Local
}

/** The zone of a constant; undefined where it is left to TypeScript, errors above all. */
export function emittedZone(value: Scalar | undefined): EmittedZone | undefined {
  if (value === undefined) return undefined
  const zone = tableOf(value)
  if (zone === undefined) return undefined
  if (typeof zone === 'number') return fixedOffset(zone)
  return zone.starts.length === 1 ? fixedOffset(zone.offsets[0] ?? 0) : ofTable(zone)
}

function fixedOffset(seconds: number): EmittedZone {
  const micros = BigInt(seconds) * MICROS_PER_SECOND
  const offset: EmittedZone['offset'] = ({ f }) => {
    f.i64(micros)
    return keep(f, 'i64')
  }
  return {
    offset,
    local: (ctx, moment) => sum(ctx, moment, offset(ctx, moment), 'add'),
    moment: (ctx, local) => sum(ctx, local, offset(ctx, local), 'sub'),
  }
}

function ofTable(zone: TimeZone): EmittedZone {
  const table = zoneTable(zone)
  const look =
    (kernel: 'zoneOffset' | 'zoneClockOffset'): EmittedZone['offset'] =>
    (ctx, at) => {
      const { f } = ctx
      f.get(at).get(ctx.bytes(table)).get(ctx.kept(KEPT_BYTES)).call(ctx.kernel(kernel))
      return keep(f, 'i64')
    }
  const [offset, clockOffset] = [look('zoneOffset'), look('zoneClockOffset')]
  return {
    offset,
    local: (ctx, moment) => sum(ctx, moment, offset(ctx, moment), 'add'),
    moment: (ctx, local) => sum(ctx, local, clockOffset(ctx, local), 'sub'),
  }
}

function sum(ctx: InlineContext, left: Local, right: Local, operation: 'add' | 'sub'): Local {
  const moved = addInt64Checked(ctx, left, right, operation, 'datetime-out-of-range')
  checkMoment(ctx, moved)
  return moved
}

/** timezone(zone, moment): the local time of a moment, or the moment of a local time. */
export function zonedForm(to: 'local' | 'moment'): LiteralForm {
  return ([zone]) => {
    const offset = zone === null || zone === undefined ? undefined : tableOf(zone)
    if (typeof offset === 'number') {
      const micros = BigInt(offset) * MICROS_PER_SECOND
      return moveMomentForm(to === 'local' ? micros : -micros)
    }
    const emitted = emittedZone(zone)
    return (
      emitted &&
      ((ctx, [, value]) => ({
        lanes: [emitted[to](ctx, lane(present(value, 'missing timestamp')))],
        range: timestampBounds,
      }))
    )
  }
}

/** date_trunc(unit, moment, zone). */
export const truncationInZone: LiteralForm = ([unit, , zone]) => {
  const emitted = emittedZone(zone)
  const emit = typeof unit === 'string' ? truncationOf(fieldName(unit)) : undefined
  if (emitted === undefined || emit === undefined) return undefined
  const keepsOffset = typeof unit === 'string' && clockUnits.has(fieldName(unit))
  return (ctx, args) => {
    const value = present(args[1], 'missing source')
    const offset = emitted.offset(ctx, lane(value))
    const local = addInt64Checked(ctx, lane(value), offset, 'add', 'datetime-out-of-range')
    const [start] = emit(ctx, { ...value, lanes: [local], range: undefined })
    const there = present(start, 'start of a unit')
    const moment = keepsOffset ? sum(ctx, there, offset, 'sub') : emitted.moment(ctx, there)
    return { lanes: [moment], range: timestampBounds }
  }
}

/** The local time of an argument, as a timestamp. */
function localValue(ctx: InlineContext, zone: EmittedZone, value: Value | undefined): Value {
  const moment = present(value, 'missing moment')
  return {
    ...moment,
    type: timestamp,
    lanes: [zone.local(ctx, lane(moment))],
    range: timestampBounds,
  }
}

/** A form over timestamps, of local times; the zone is the last argument. */
export function onLocalTimes(
  form: InlineForm,
  zone: EmittedZone,
  at: readonly number[],
): InlineForm {
  return (ctx, args, result) => {
    const inner = args.slice(0, -1)
    for (const index of at) inner[index] = localValue(ctx, zone, args[index])
    return form(ctx, inner, result)
  }
}

/** extract_in_zone(field, moment, zone) and date_part. */
export function fieldInZone(as: 'numeric' | 'float'): LiteralForm {
  const plain = literalFieldForm(as)
  return ([field, , zone], types) => {
    const emitted = emittedZone(zone)
    if (typeof field !== 'string' || emitted === undefined) return undefined
    const name = fieldName(field)
    if (name.startsWith('timezone')) return undefined
    if (name === 'epoch') {
      const form = plain([field, undefined], types.slice(0, 2))
      return form && ((ctx, args, result) => form(ctx, args.slice(0, 2), result))
    }
    const form = plain([field, undefined], [types[0]!, timestamp])
    return form && onLocalTimes(form, emitted, [1])
  }
}

/** date_add and date_subtract of a moment, an interval and a zone; `at`: which of the first two is the moment. */
export function moveInZone(direction: 'add' | 'sub', at: 0 | 1): LiteralForm {
  return ([, , zone]) => {
    const emitted = emittedZone(zone)
    return (
      emitted &&
      ((ctx, args) => {
        const [moment, by] = [
          present(args[at], 'missing moment'),
          present(args[1 - at], 'missing interval'),
        ]
        return { lanes: [moved(ctx, emitted, lane(moment), by, direction)], range: timestampBounds }
      })
    )
  }
}

function moved(
  ctx: InlineContext,
  zone: EmittedZone,
  moment: Local,
  by: Value,
  direction: 'add' | 'sub',
): Local {
  const { f } = ctx
  const result = f.local('i64')
  f.get(moment).set(result)
  f.get(lane(by)).op('i32.wrap_i64')
  if (direction === 'sub') negate32(ctx)
  const months = keep(f, 'i32')
  f.get(months).if()
  f.get(zone.local(ctx, result)).get(months).call(ctx.kernel('timestampAddMonths'))
  const later = keep(f, 'i64')
  checkMoment(ctx, later)
  f.get(zone.moment(ctx, later)).set(result)
  f.end()
  f.get(lane(by)).i64(32n).op('i64.shr_s').op('i32.wrap_i64')
  if (direction === 'sub') negate32(ctx)
  const days = keep(f, 'i32')
  f.get(days).if()
  const dayLater = addDaysChecked(ctx, zone.local(ctx, result), days)
  checkMoment(ctx, dayLater)
  f.get(zone.moment(ctx, dayLater)).set(result)
  f.end()
  return sum(ctx, result, lane(by, 1), direction)
}

/** The text of a moment in a zone, in ISO's style. */
export function zoneTextForm(zone: TimeZone): InlineForm {
  const table = zoneTable(zone)
  return writerForm('zoneText', fixedBytes(TEXT_BYTES), (ctx, [moment]) => {
    ctx.f.get(lane(present(moment, 'missing moment')))
    ctx.f.get(ctx.bytes(table)).get(ctx.kept(KEPT_BYTES))
  })
}
