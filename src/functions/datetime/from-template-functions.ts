import { DATE_MAX, DATE_MIN, MICROS_PER_DAY, MICROS_PER_SECOND } from '../../data/types/calendar.ts'
import { date, timestamptz } from '../../data/types/data-type.ts'
import { outOfRange } from '../../data/types/datetime/errors.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { scalar } from '../define.ts'
import type { ScalarFunction } from '../function.ts'
import { momentByTemplate } from './from-template.ts'
import { literalDateForm, literalTimestampForm } from './from-template-inline.ts'
import { checkTimestamp } from './interval-arithmetic.ts'
import { roundMicros } from './round-seconds.ts'
import { momentOf, zoneOf, type Zone } from './zone-moves.ts'

function timestampBy(source: Scalar, template: Scalar, zone: Zone): bigint {
  const read = momentByTemplate(String(source), String(template))
  const micros =
    read.digits === undefined ? BigInt(read.micros) : roundMicros(BigInt(read.micros), read.digits)
  const local = checkTimestamp(BigInt(read.days) * MICROS_PER_DAY + micros)
  if (read.zone === undefined) return momentOf(zone, local)
  return checkTimestamp(local - BigInt(read.zone) * MICROS_PER_SECOND)
}

/** Texts that are read by a template. */
export const templateFunctions: readonly ScalarFunction[] = [
  scalar({
    name: 'to_timestamp',
    args: ['text', 'text'],
    returns: timestamptz,
    raises: true,
    doc: "A moment by a template such as YYYY-MM-DD HH24:MI:SS, by the session's clock.",
    example: "to_timestamp('05 Dec 2000 10:30', 'DD Mon YYYY HH24:MI') -- 2000-12-05 10:30:00+00",
    inZone: 'to_timestamp',
    literalForm: literalTimestampForm,
    evaluate: ([source = null, template = null]) => timestampBy(source, template, zoneOf('UTC')),
  }),
  scalar({
    name: 'to_timestamp',
    args: ['text', 'text', 'text'],
    returns: timestamptz,
    raises: true,
    doc: "A moment by a template, by a zone's clock.",
    example:
      "to_timestamp('05 Jul 2000 10:30', 'DD Mon YYYY HH24:MI', 'Europe/Berlin')" +
      ' -- 2000-07-05 08:30:00+00',
    evaluate: ([source = null, template = null, zone]) =>
      timestampBy(source, template, zoneOf(zone)),
  }),
  scalar({
    name: 'to_date',
    args: ['text', 'text'],
    returns: date,
    raises: true,
    doc: 'A date by a template such as DD.MM.YYYY.',
    example: "to_date('05 Dec 2000', 'DD Mon YYYY') -- 2000-12-05",
    literalForm: literalDateForm,
    evaluate([source, template]) {
      const { days } = momentByTemplate(String(source), String(template))
      if (days < DATE_MIN || days > DATE_MAX) throw outOfRange('date', String(source))
      return days
    },
  }),
]
