import type { Chooser } from '../chooser.ts'

// Texts, and texts that say something to a function: patterns, formats, units.

const words = [
  '',
  'a',
  'b',
  'ab',
  'abc',
  'aaa',
  'Abc',
  'ABC',
  ' ',
  '  x ',
  'a b',
  'A b-C',
  "o'neil 3rd",
  'x,y,,z',
  ',',
  'héllo wörld',
  'ßß',
  'İi',
  'ǆ',
  'ﬁ',
  'ᾳ',
  'Ω',
  'ÅÉ',
  '日本語',
  '😀',
  'a😀b',
  'e\u0301x',
  '\u00a0x',
  '\t a',
  'a\nb',
  '%',
  '_',
  '\\',
  'a\\',
  '\\%',
  '"q"',
  '{}',
  '[1]',
  '-12',
  '3.50',
  '1e5',
  'true',
  'null',
  'xyxyxy',
  'hello WORLD foo_bar-baz',
  'x'.repeat(40),
  '中'.repeat(20),
  'ab'.repeat(150),
]
const letters = ['a', 'b', 'c', 'A', 'B', ' ', ',', '1', '0', '-', 'é', 'ß', '語', '😀', '_', '%']

export function word(choose: Chooser): string {
  if (choose.chance(0.5)) return choose.pick(words)
  return choose.some(0, choose.pick([3, 8, 30]), () => choose.pick(letters)).join('')
}

/** Digits of bit strings, often of one length. */
export function bits(choose: Chooser): string {
  const length = choose.chance(0.5) ? 8 : choose.pick([0, 1, 3, 9, 40])
  return choose.some(length, length, () => choose.pick(['0', '1'])).join('')
}

/** Digits of bits that have a length of their own. */
export const BITS = 8

export function octet(choose: Chooser): string {
  return choose.some(BITS, BITS, () => choose.pick(['0', '1'])).join('')
}

/** Names of formats and of encodings, each of use to some functions. */
export function encodingName(choose: Chooser): string {
  return choose.pick([
    'hex',
    'base64',
    'escape',
    'utf8',
    'UTF-8',
    'latin1',
    'WIN1252',
    'koi8r',
    'x',
  ])
}

export function encoded(choose: Chooser): string {
  const parts = ['a', 'B', '0', '9', 'ff', '=', ' ', '\\\\', '\\001', '+/', 'YWJj', 'zz', 'é']
  return choose.some(0, 5, () => choose.pick(parts)).join('')
}

export function formatPattern(choose: Chooser): string {
  const parts = [
    '%s',
    '%s',
    '%I',
    '%L',
    '%%',
    'x',
    'é',
    '%2$s',
    '%5s',
    '%-4s|',
    '%*s',
    '%1$L',
    '%z',
  ]
  return choose.some(0, 3, () => choose.pick(parts)).join('')
}

export function escapedText(choose: Chooser): string {
  const parts = ['a', 'é', '\\0041', '\\u00e9', '\\+01f600', '\\U0001F600', '\\\\', '\\d83d']
  return choose.some(0, 4, () => choose.pick(parts)).join('')
}

export function qualifiedName(choose: Chooser): string {
  const parts = ['a', 'B', '"', '"A b"', '.', ' ', '1', '_', 'é', '$']
  return choose.some(0, 5, () => choose.pick(parts)).join('')
}

export function size(choose: Chooser): string {
  const number = choose.pick(['1', '-2', '1.5', '.5', '1e3', '7.', '9999999', ''])
  return `${number}${choose.pick(['', ' '])}${choose.pick(['', 'kB', 'MB', 'gb', 'PB', 'bytes', 'x'])}`
}

/** Numbers as templates have them. */
export function numeral(choose: Chooser): string {
  const parts = ['1', '23', '0', ',', '.', '-', '+', ' ', '9', '<', 'th', '$', '456']
  return choose.some(1, 5, () => choose.pick(parts)).join('')
}

/** Texts of few letters: what is looked for in others, cut off or put in their place. */
export function piece(choose: Chooser): string {
  if (choose.chance(0.15)) return choose.pick(['', ', ', '::', 'ab', 'é', '日', 'x'])
  return choose.some(1, 3, () => choose.pick(letters)).join('')
}

export function likePattern(choose: Chooser): string {
  const parts = ['%', '%', '_', 'a', 'b', 'ab', 'A', 'é', '語', '\\%', '\\_', '\\\\', ' ', '😀']
  if (choose.chance(0.02)) return 'a\\'
  return choose.some(0, 5, () => choose.pick(parts)).join('')
}

export function regexp(choose: Chooser, depth = 0): string {
  const atoms = [
    'a',
    'b',
    'c',
    'A',
    '1',
    'é',
    '語',
    '.',
    '\\w',
    '\\d',
    '\\s',
    '[ab]',
    '[^a]',
    '[[:alpha:]]',
    '[a-c1]',
    '\\y',
    '^',
    '$',
    ' ',
  ]
  if (choose.chance(0.02)) return choose.pick(['(', '[a', '*', 'a{2', '\\', 'a{3,2}'])
  const part = (): string => {
    const isGroup = depth < 2 && choose.chance(0.2)
    const atom = isGroup
      ? `(${choose.chance(0.3) ? '?:' : ''}${regexp(choose, depth + 1)})`
      : choose.pick(atoms)
    const isAnchor = atom === '^' || atom === '$' || atom === '\\y'
    return isAnchor || choose.chance(0.6)
      ? atom
      : atom + choose.pick(['*', '+', '?', '*?', '+?', '{2}', '{1,2}'])
  }
  const branches = choose.some(1, choose.chance(0.2) ? 2 : 1, () =>
    choose.some(1, 3, part).join(''),
  )
  return branches.join('|')
}

export function similarPattern(choose: Chooser): string {
  const parts = ['%', '_', 'a', 'b', '(a|b)', '[abc]', 'a*', 'b+', 'é', '\\%', '(ab)?', ' ']
  return choose.some(0, 4, () => choose.pick(parts)).join('')
}

export function regexpFlags(choose: Chooser): string {
  return choose.pick(['', 'i', 'g', 'gi', 'n', 's', 'x', 'c', 'q', 'z', 'in'])
}

export function replacement(choose: Chooser): string {
  return choose.pick(['', '#', '<\\&>', '\\1', '\\2x', '\\\\', 'é', 'a\\1b'])
}

export function escape(choose: Chooser): string {
  return choose.pick(['#', '\\', '', 'é', 'a', '%'])
}

const momentFields = [
  'YYYY',
  'YYY',
  'YY',
  'Y',
  'Y,YYY',
  'IYYY',
  'IYY',
  'CC',
  'MM',
  'MON',
  'Mon',
  'mon',
  'MONTH',
  'Month',
  'month',
  'RM',
  'rm',
  'WW',
  'IW',
  'W',
  'DDD',
  'IDDD',
  'DD',
  'D',
  'ID',
  'DAY',
  'Day',
  'day',
  'DY',
  'Dy',
  'Q',
  'J',
  'HH24',
  'HH12',
  'HH',
  'MI',
  'SS',
  'MS',
  'US',
  'FF1',
  'FF3',
  'FF6',
  'SSSS',
  'AM',
  'p.m.',
  'BC',
  'a.d.',
  'TZ',
  'tz',
  'OF',
  'TZH',
  'TZM',
]
const between = ['-', '/', ' ', ':', '.', ', ', '"at "', '', 'T', '\\"', 'x', 'é']

/** Templates of to_char for moments and intervals: fields with their modifiers, and what stands between. */
export function momentFormat(choose: Chooser): string {
  const field = (): string => {
    const prefix = choose.chance(0.2) ? choose.pick(['FM', 'FM', 'fm', 'TM', 'FX']) : ''
    const suffix = choose.chance(0.1) ? choose.pick(['TH', 'th', 'SP']) : ''
    return `${prefix}${choose.pick(momentFields)}${suffix}${choose.pick(between)}`
  }
  return choose.chance(0.2)
    ? choose.pick(['YYYY-MM-DD', 'YYYY-MM-DD HH24:MI:SS', 'Dy DD Mon YYYY', ''])
    : choose.some(1, 6, field).join('')
}

/** Templates of to_char for numbers. */
export function numberFormat(choose: Chooser): string {
  return formatWith(choose, ['V9', 'V99'])
}

/** The same of those without V: PostgreSQL's products of 32 bits wrap around. */
export function shiftlessFormat(choose: Chooser): string {
  return formatWith(choose, [])
}

function formatWith(choose: Chooser, shifts: readonly string[]): string {
  const count = choose.pick([1, 2, 3, 5, 8, 12])
  let places = ''
  for (let at = 0; at < count; at++) {
    places += choose.chance(0.25) ? '0' : '9'
    if (choose.chance(0.12)) places += choose.pick([',', 'G', ' '])
  }
  const fraction = choose.chance(0.5)
    ? `${choose.pick(['.', 'D'])}${choose.pick(['9', '0', '99', '00', '999', '90', '09'])}`
    : ''
  const body = choose.chance(0.05) ? 'RN' : `${places}${fraction}`
  const prefix = `${choose.chance(0.3) ? 'FM' : ''}${choose.chance(0.2) ? choose.pick(['S', '$', 'SG', 'PL', 'L', 'B']) : ''}`
  const suffix = choose.chance(0.3)
    ? choose.pick(['S', 'MI', 'PR', 'SG', 'PL', 'TH', 'th', '%', 'EEEE', '"x"', ...shifts])
    : ''
  return `${prefix}${body}${suffix}`
}

const units = [
  'microseconds',
  'milliseconds',
  'second',
  'minute',
  'hour',
  'day',
  'week',
  'month',
  'quarter',
  'year',
  'decade',
  'century',
  'millennium',
]
const fields = [
  ...units,
  'epoch',
  'dow',
  'isodow',
  'doy',
  'isoyear',
  'julian',
  'timezone',
  'timezone_hour',
  'timezone_minute',
]

/** What date_trunc cuts to; now and then what it does not know. */
export function unit(choose: Chooser): string {
  return choose.chance(0.08)
    ? choose.pick(['Years', 'mons', 'h', 'doy', 'epoch', 'fortnight', ''])
    : choose.pick(units)
}

/** What extract and date_part give. */
export function field(choose: Chooser): string {
  return choose.chance(0.05) ? choose.pick(['years', 'MON', 'weekday']) : choose.pick(fields)
}

export function zone(choose: Chooser): string {
  return choose.pick([
    'UTC',
    'utc',
    'GMT',
    '+02',
    '-05:30',
    'EST',
    'Europe/Berlin',
    'Asia/Kolkata',
    'Nowhere/Else',
  ])
}

const keys = ['a', 'b', 'aa', 'é', '', '0', '1', '-1', 'x y']

export function key(choose: Chooser): string {
  return choose.pick(keys)
}

/** JSON of a few levels; `isStored`: as jsonb takes it, else with what only json keeps. */
export function document(choose: Chooser, depth = 0): string {
  const isFlat = depth > 2 || choose.chance(0.45)
  const space = choose.chance(0.2) ? ' ' : ''
  if (isFlat) {
    return choose.pick([
      'null',
      'true',
      'false',
      '0',
      '-0',
      '1',
      '1.50',
      '-2.5e3',
      '1E-7',
      '12345678901234567890.123',
      '""',
      '"a"',
      '"A b"',
      '"é"',
      '"\\u00e9\\n"',
      '"\\"\\\\/"',
      '"😀"',
      '[]',
      '{}',
      '"\\ud83d\\ude00"',
    ])
  }
  if (choose.chance(0.5)) {
    return `[${choose.some(0, 4, () => document(choose, depth + 1)).join(`,${space}`)}]`
  }
  const member = (): string => `${space}"${key(choose)}":${space}${document(choose, depth + 1)}`
  return `{${choose.some(0, 4, member).join(',')}}`
}

/** A path of SQL/JSON. */
export function path(choose: Chooser): string {
  const steps = ['.a', '[*]', '[0]', '.**', '.*', ' ? (@ > 1)', '.size()', '.type()', '["a"]']
  const start = choose.pick(['$', '$', 'strict $', '($.a + 1)', '-$.b'])
  return start + choose.some(0, 3, () => choose.pick(steps)).join('')
}

const strays = ['x', ' ', '-', '1', '.', 'é', '"', '{', 'e']
const mutations: readonly ((choose: Chooser, letters: readonly string[]) => readonly string[])[] = [
  (_, letters) => [' ', ...letters, '\t'],
  (_, letters) => letters.map((letter) => letter.toUpperCase()),
  (choose, letters) => letters.slice(0, choose.between(0, letters.length)),
  (choose, letters) => letters.toSpliced(choose.between(0, letters.length), 0, choose.pick(strays)),
  (_, letters) => ['+', ...letters],
]

/** A text that was one of a type, changed a little. */
export function spoiled(choose: Chooser, text: string): string {
  return choose
    .pick(mutations)(choose, [...text])
    .join('')
}

const oddNumbers = [
  '1_000',
  '0x10',
  '.5',
  '5.',
  '+7',
  '--1',
  '1e400',
  '1e-400',
  'nan',
  'inf',
  '-infinity',
  '99999999999999999999',
  '1e5',
  '12.5',
  '-0',
  '- 1',
  '32767.5',
  '2147483648',
]
const oddTruths = ['t', 'f', 'yes', 'no', 'on', 'off', '1', '0', 'TRUE', 'fals', 'o', 'y', '']

export function oddNumber(choose: Chooser): string {
  return choose.pick(oddNumbers)
}

export function oddTruth(choose: Chooser): string {
  return choose.pick(oddTruths)
}

/** The text of an array of one or two dimensions, whose elements `make` gives. */
export function arrayText(choose: Chooser, make: (choose: Chooser) => string): string {
  const element = (): string =>
    choose.chance(0.1)
      ? 'NULL'
      : `"${make(choose).replaceAll(/["\\]/g, (letter) => `\\${letter}`)}"`
  const list = (count: number): string => `{${Array.from({ length: count }, element).join(',')}}`
  const roll = choose.between(0, 19)
  if (roll < 2) return '{}'
  if (roll === 2) return `[${choose.pick(['0:1', '-1:0', '5:6'])}]=${list(2)}`
  if (roll < 5) {
    const width = choose.between(1, 3)
    return `{${choose.some(1, 3, () => list(width)).join(',')}}`
  }
  return list(choose.between(1, 5))
}
