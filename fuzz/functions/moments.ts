import type { Chooser } from '../chooser.ts'

// Texts of dates, times and intervals that PostgreSQL reads.

const two = (value: number): string => String(value).padStart(2, '0')

function daysOf(year: number, month: number): number {
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  return month === 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31
}

interface Day {
  readonly text: string
  readonly era: string
}

/** Years of all kinds, most near our own; `latest` is the last one of the type. */
function day(choose: Chooser, latest: number): Day {
  const roll = choose.between(0, 19)
  const year =
    roll < 13
      ? choose.between(1890, 2060)
      : roll < 17
        ? choose.between(1, 9999)
        : roll < 18
          ? choose.between(10_000, latest)
          : choose.between(1, 4712)
  const isBefore = roll >= 18
  const month = choose.between(1, 12)
  const last = daysOf(isBefore ? year - 1 : year, month)
  const number = choose.chance(0.2) ? last : choose.between(1, last)
  return {
    text: `${String(year).padStart(4, '0')}-${two(month)}-${two(number)}`,
    era: isBefore ? ' BC' : '',
  }
}

function fraction(choose: Chooser): string {
  const digits = choose.pick([0, 0, 1, 3, 6, 6])
  return digits === 0 ? '' : `.${String(choose.between(0, 10 ** digits - 1)).padStart(digits, '0')}`
}

export function time(choose: Chooser): string {
  if (choose.chance(0.1))
    return choose.pick(['00:00:00', '24:00:00', '23:59:59.999999', '12:00:00', '00:00:00.000001'])
  return `${two(choose.between(0, 23))}:${two(choose.between(0, 59))}:${two(choose.between(0, 59))}${fraction(choose)}`
}

export function date(choose: Chooser): string {
  const { text, era } = day(choose, 5_874_896)
  return `${text}${era}`
}

export function timestamp(choose: Chooser): string {
  const { text, era } = day(choose, 294_246)
  return `${text} ${choose.chance(0.2) ? '00:00:00' : time(choose)}${era}`
}

const offsets = ['+00', '+01', '-08', '+05:30', '-03:30', '+13', '-15:59']

export function zonedTime(choose: Chooser): string {
  return `${time(choose)}${choose.pick(offsets)}`
}

/** Intervals of mixed signs and units, up to the ends of the type. */
export function interval(choose: Chooser): string {
  if (choose.chance(0.06)) {
    return choose.pick([
      '178000000 years',
      '-178000000 years',
      '2147483647 days',
      '-2147483648 days',
      '2000000000 hours',
      '-2000000000 hours',
      '00:00:00',
    ])
  }
  const large = choose.chance(0.1) ? 1000 : 1
  const parts = [
    `${choose.between(-20, 20) * large} years`,
    `${choose.between(-30, 30)} mons`,
    `${choose.between(-70, 70) * large} days`,
    `${choose.chance(0.3) ? '-' : ''}${choose.between(0, 60 * large)}:${two(choose.between(0, 59))}:${two(choose.between(0, 59))}${fraction(choose)}`,
  ]
  const some = parts.filter(() => choose.chance(0.55))
  return some.length === 0 ? '1 day' : some.join(' ')
}

const spellings = [
  'Jan 5 2020',
  '5 January 2020',
  '20200105',
  '2020/1/5',
  '1/5/2020',
  'January 5, 99 BC',
  '2020-02-30',
  '2020-13-01',
  '0000-01-01',
  '2020.123',
  'J2451187',
  '20200105T040506',
  'Fri Jun 07 08:09:10 2024',
  '2020-01-05 04:05 PM',
  '04:05:06.789',
  '040506',
  '25:00',
  '12:60',
  '1:2:3',
  'epoch',
  '2020-01-05 04:05:06+03',
  '2020-01-05T04:05:06Z',
  '1 year 2 mons',
  '-1 day 02:03',
  'P1Y2M3DT4H5M6S',
  '1-2 3 4:05',
  '@ 1 min ago',
  '1.5 days',
  '1e3 s',
  '5',
  'day',
]

/** Spellings of moments that a column may not have, and what is none. */
export function oddMoment(choose: Chooser): string {
  return choose.pick(spellings)
}
