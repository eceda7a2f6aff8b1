import { alike, unlike, type FunctionCase } from './case.ts'

const dateFields = [
  'year',
  'quarter',
  'month',
  'week',
  'day',
  'doy',
  'dow',
  'isodow',
  'isoyear',
  'decade',
  'century',
  'millennium',
] as const
const timeFields = ['hour', 'minute', 'second'] as const

/** Functions of dates, times and intervals. */
export const momentCases: readonly FunctionCase[] = [
  ...alike(
    'number',
    ...dateFields.flatMap((field) => [`extract(${field} from t)`, `extract(${field} from d)`]),
  ),
  ...alike(
    'number',
    ...timeFields.flatMap((field) => [`extract(${field} from t)`, `extract(${field} from c)`]),
  ),
  ...alike('number', 'extract(hour from e)', 'extract(day from e2)'),
  ...unlike('number', {
    'extract(hour from z)': 'extract(hour from t)',
    'extract(month from z)': 'extract(month from t)',
    'extract(microseconds from t)': 'microsecond(t)',
    'extract(milliseconds from t)': 'epoch_ms(t) % 60000 + 0.0',
    'extract(julian from d)': 'cast(julian(d) as bigint)',
  }),
  ...alike(
    'float',
    'extract(epoch from t)',
    'extract(epoch from d)',
    'extract(epoch from e)',
    "date_part('epoch', t)",
  ),
  ...unlike('float', {
    "date_part('year', d)": "date_part('year', d)",
    "date_part('hour', c)": "date_part('hour', c)",
    "date_part('minute', e)": "date_part('minute', e)",
    "date_part('hour', z)": "date_part('hour', t)",
  }),
  ...alike(
    'extreme',
    ...['year', 'quarter', 'month', 'week', 'day', 'hour', 'minute', 'second'].map(
      (unit) => `date_trunc('${unit}', t)`,
    ),
  ),
  ...unlike('duration', {
    "date_trunc('month', z)": "cast(date_trunc('month', t) as timestamptz)",
    "date_trunc('hour', z)": "cast(date_trunc('hour', t) as timestamptz)",
    "date_trunc('month', d)": "cast(date_trunc('month', d) as timestamptz)",
    "date_trunc('hour', e)": "date_trunc('hour', e)",
  }),
  ...alike('duration', 't - u', 'z - z2', 'age(t, u)', 'e + e2', 'e2 - e', '- e', 'e * 2', '3 * e'),
  ...unlike('duration', {
    'age(z, z2)': 'age(t, u)',
    'c - c2': 'to_microseconds(epoch_us(c) - epoch_us(c2))',
    'e / 4': 'to_microseconds(epoch_us(e) // 4)',
    'e * 1.5': 'to_microseconds(epoch_us(e) * 3 // 2)',
    'justify_hours(e)': 'e',
    'justify_days(e2)': 'e2',
    'justify_interval(e)': 'e',
  }),
  ...alike('number', 'd - d2'),
  ...alike(
    'extreme',
    'd + i2',
    'd - 30',
    't + e',
    't - e',
    "t + interval '1 month'",
    "d + interval '1 month'",
    "d - interval '1 month'",
    'd + c',
    'c + d',
    'e + t',
  ),
  ...unlike('extreme', {
    'c + e': 'cast((t + e) as time)',
    'c - e': 'cast((t - e) as time)',
    'i2 + d': 'd + i2',
    'e + d': 'd + e',
  }),
  ...alike('duration', 'z + e', 'z - e'),
  ...alike(
    'extreme',
    'make_date(2000 + i % 30, 1 + i % 12, 1 + i % 28)',
    'make_time(i % 24, i % 60, f2 * 50)',
    'make_timestamp(2000 + i % 30, 1 + i % 12, 1 + i % 28, i % 24, i % 60, f2 * 50)',
  ),
  ...unlike('duration', { 'to_timestamp(f)': 'to_timestamp(f)' }),
  ...unlike('duration', {
    "timezone('+02', t)": "cast(t + interval '2 hours' as timestamptz)",
    "cast(timezone('+02', z) as timestamptz)": "cast(t - interval '2 hours' as timestamptz)",
  }),
  // DuckDB's package has icu within.
  ...unlike('duration', {
    "date_trunc('day', z, 'Europe/Berlin')":
      "timezone('Europe/Berlin', date_trunc('day', timezone('Europe/Berlin', cast(t as timestamptz))))",
    'make_timestamptz(2000 + i % 30, 1 + i % 12, 1 + i % 28, i % 24, i % 60, f2 * 50)':
      'make_timestamptz(2000 + i % 30, 1 + i % 12, 1 + i % 28, i % 24, i % 60, f2 * 50)',
    "make_timestamptz(2000 + i % 30, 1 + i % 12, 1 + i % 28, i % 24, i % 60, f2 * 50, 'Europe/Berlin')":
      "make_timestamptz(2000 + i % 30, 1 + i % 12, 1 + i % 28, i % 24, i % 60, f2 * 50, 'Europe/Berlin')",
    "timezone('Europe/Berlin', t)": "timezone('Europe/Berlin', t)",
    "to_timestamp(moment, 'YYYY-MM-DD HH24:MI:SS')":
      "cast(strptime(moment, '%Y-%m-%d %H:%M:%S') as timestamptz)",
  }),
  // Taken from what the clock shows, an hour is missing or twice where the offset changes between.
  ...unlike('presence', {
    "date_add(z, e, 'Europe/Berlin')":
      "timezone('Europe/Berlin', timezone('Europe/Berlin', cast(t as timestamptz)) + e)",
    "date_subtract(z, e, 'Europe/Berlin')":
      "timezone('Europe/Berlin', timezone('Europe/Berlin', cast(t as timestamptz)) - e)",
  }),
  ...unlike('extreme', {
    "timezone('Europe/Berlin', z)": "timezone('Europe/Berlin', z)",
    "to_date(day, 'YYYY-MM-DD')": "cast(strptime(day, '%Y-%m-%d') as date)",
    'cast(t as timestamp(0))': "date_trunc('second', t)",
  }),
  ...unlike('number', {
    "extract(hour from timezone('Europe/Berlin', z))":
      "extract(hour from timezone('Europe/Berlin', z))",
    "extract_in_zone('hour', z, 'Europe/Berlin')":
      "extract(hour from timezone('Europe/Berlin', z))",
  }),
  ...unlike('text', {
    "text_in_locale(z, 'Europe/Berlin ISO MDY postgres')":
      "cast(timezone('Europe/Berlin', z) as varchar) || '+01'",
  }),
  ...unlike('truth', {
    '(t, u) overlaps (u, t)':
      'greatest(least(t, u), least(t, u)) < least(greatest(t, u), greatest(t, u)) or t = u',
  }),
  ...unlike('text', {
    "to_char(t, 'YYYY-MM')": "strftime(t, '%Y-%m')",
    "to_char(t, 'YYYY-MM-DD HH24:MI:SS')": "strftime(t, '%Y-%m-%d %H:%M:%S')",
    "to_char(t, 'Dy DD Mon')": "strftime(t, '%a %d %b')",
    "to_char(z, 'YYYY-MM-DD')": "strftime(t, '%Y-%m-%d')",
  }),
  ...alike('truth', 'isfinite(t)', 'isfinite(d)'),
  ...unlike('truth', { 'isfinite(z)': 'isfinite(t)' }),
]
