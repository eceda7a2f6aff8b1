/** What the words of dates and times mean, see datetktbl in PostgreSQL's datetime.c. */
export type Word =
  | { readonly kind: 'month' | 'weekday'; readonly number: number }
  | { readonly kind: 'half'; readonly isLate: boolean }
  | { readonly kind: 'era'; readonly isBefore: boolean }
  | { readonly kind: 'label'; readonly label: Label }
  | { readonly kind: 'special'; readonly special: Special }
  | { readonly kind: 'ignored' | 'summer' | 'iso-time' }

/** What a word in front of a number says that it is. */
export type Label =
  | 'year'
  | 'month'
  | 'day'
  | 'hour'
  | 'minute'
  | 'second'
  | 'julian'
  | 'time'
  | 'other'

export type Special =
  | 'now'
  | 'today'
  | 'tomorrow'
  | 'yesterday'
  | 'allballs'
  | 'epoch'
  | 'infinity'
  | '-infinity'

const months =
  'jan january|feb february|mar march|apr april|may|jun june|jul july|aug august|sep sept september|' +
  'oct october|nov november|dec december'
const weekdays =
  'sun sunday|mon monday|tue tues tuesday|wed weds wednesday|thu thur thurs thursday|fri friday|' +
  'sat saturday'
const labels: Readonly<Record<string, Label>> = {
  y: 'year',
  m: 'month',
  d: 'day',
  h: 'hour',
  mm: 'minute',
  s: 'second',
  j: 'julian',
  jd: 'julian',
  julian: 'julian',
  dow: 'other',
  doy: 'other',
  isodow: 'other',
  isoyear: 'other',
}
const specials: readonly Special[] = [
  'now',
  'today',
  'tomorrow',
  'yesterday',
  'allballs',
  'epoch',
  'infinity',
  '-infinity',
]

function numbered(kind: 'month' | 'weekday', names: string, first: number): [string, Word][] {
  return names
    .split('|')
    .flatMap((same, index) =>
      same.split(' ').map((name): [string, Word] => [name, { kind, number: index + first }]),
    )
}

export const words: ReadonlyMap<string, Word> = new Map<string, Word>([
  ...numbered('month', months, 1),
  ...numbered('weekday', weekdays, 0),
  ['am', { kind: 'half', isLate: false }],
  ['pm', { kind: 'half', isLate: true }],
  ['ad', { kind: 'era', isBefore: false }],
  ['bc', { kind: 'era', isBefore: true }],
  ['at', { kind: 'ignored' }],
  ['on', { kind: 'ignored' }],
  ['dst', { kind: 'summer' }],
  ['t', { kind: 'iso-time' }],
  ...Object.entries(labels).map(([name, label]): [string, Word] => [
    name,
    { kind: 'label', label },
  ]),
  ...specials.map((special): [string, Word] => [special, { kind: 'special', special }]),
])
