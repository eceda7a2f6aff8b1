import type { ArgumentKind, ScalarFunction } from '#heddle/functions/function.js'

/*
 * What the catalogue does not say of its entries: how a call is written that is not `name(a, b)` or `a + b`,
 * and which values an argument has a use for. An entry that nothing is said of is called by its name with any
 * values of its types.
 */

type Write = (args: readonly string[]) => string

/** Functions that are written in a way of their own. */
const written: Readonly<Record<string, Write>> = {
  not: ([a]) => `not ${a}`,
  is_distinct_from: ([a, b]) => `${a} is distinct from ${b}`,
  is_not_distinct_from: ([a, b]) => `${a} is not distinct from ${b}`,
  extract: ([field, a]) => `extract(${bare(field)} from ${a})`,
  position: ([a, b]) => `position(${b} in ${a})`,
  similar_to: ([a, pattern, escape]) => `${a} similar to ${pattern}${escaped(escape)}`,
  '~~': ([a, pattern, escape]) => `${a} like ${pattern}${escaped(escape)}`,
  '~~*': ([a, pattern, escape]) => `${a} ilike ${pattern}${escaped(escape)}`,
  is_normalized: ([a, form]) => `(${a} is ${form === undefined ? '' : bareWord(form)} normalized)`,
  normalize: ([a, form]) => `normalize(${a}${form === undefined ? '' : `, ${bareWord(form)}`})`,
  bits_of_integer: ([a, length]) => `cast(${a} as bit(${bare(length)}))`,
  cut_name: ([a]) => `cast(${a} as name)`,
  pad_bits: ([a, length]) => `cast(${a} as bit(${bare(length)}))`,
  cut_bits: ([a, length]) => `cast(${a} as bit varying(${bare(length)}))`,
  array_of: (args) => `array[${args.join(', ')}]`,
  array_element: ([a, ...at]) => `(${a})${at.map((index) => `[${index}]`).join('')}`,
  array_slice: ([a, ...at]) => `(${a})${slices(at)}`,
  pad_characters: ([a, length]) => `cast(${a} as char(${bare(length)}))`,
  cut_elements: ([a, length]) => `cast(${a} as varchar(${bare(length)})[])`,
  limit_digits: ([a, digits, scale]) => `cast(${a} as numeric(${bare(digits)}, ${bare(scale)}))`,
}

const truthTest = /^is_(not_)?(null|true|false|unknown)$/
const quantified = /^(\S+) (any|all)$/

/** The call as SQL has it. */
export function writeCall({ name, args: kinds }: ScalarFunction, args: readonly string[]): string {
  const own = Object.hasOwn(written, name) ? written[name] : undefined
  const isOperator = /^[^a-z_]/.test(name)
  if (own !== undefined && (!isOperator || kinds.length > 2)) return `(${own(args)})`
  const test = truthTest.exec(name)
  if (test !== null) return `(${args[0]} is ${test[1] === undefined ? '' : 'not '}${test[2]})`
  const [, operator, quantifier] = quantified.exec(name) ?? []
  if (operator !== undefined) return `(${args[0]} ${operator} ${quantifier} (${args[1]}))`
  if (!isOperator) return `${name}(${args.join(', ')})`
  return args.length === 1 ? `(${name} ${args[0]})` : `(${args.join(` ${name} `)})`
}

/** Whether it is `op ANY (array)` or ALL: the value and the elements must have that operator. */
export function comparesElements({ name, args, comparison }: ScalarFunction): boolean {
  const isComparison = comparison !== undefined || comparisonNames.test(name)
  if (name.endsWith('distinct_from')) return true
  return quantified.test(name) || (isComparison && args[0] === 'array')
}

/** What pg_proc calls operators that compare arrays. */
const comparisonNames = /^(?:array_(?:eq|ne|lt|le|gt|ge)|array(?:contains|contained|overlap))$/

/** A constant without its type, where only a word or number may stand. */
function bare(constant: string | undefined): string {
  const text = /^'(.*)'::(\w+)/.exec(constant ?? '')
  return text?.[2] === 'integer' ? (text[1] ?? '') : `'${text?.[1]}'`
}

/** A word that stands without quotes. */
function bareWord(constant: string): string {
  return bare(constant).replaceAll("'", '')
}

function escaped(escape: string | undefined): string {
  return escape === undefined ? '' : ` escape ${escape}`
}

function slices(bounds: readonly string[]): string {
  return bounds
    .flatMap((from, at) => (at % 2 === 0 ? `[${from}:${bounds[at + 1] ?? ''}]` : []))
    .join('')
}

/** Entries that no call is made of, and why. */
export function notCalled({
  name,
  args,
  volatility,
  cataloguedAs,
}: ScalarFunction): string | undefined {
  if (cataloguedAs !== 'scalar') return 'no scalar'
  if (name.endsWith('_final')) return 'ends an aggregate'
  if (name.startsWith('!~~') && args.length > 2) return 'written as NOT of its opposite'
  if (name.startsWith('store_')) return 'for values that are stored'
  if (volatility === 'volatile') return 'another value each time'
  if (name === 'row' || name.endsWith('populate_record') || args.includes('record'))
    return 'of rows, which no column holds'
  if (args.includes('range') || args.includes('multirange') || name.endsWith('range')) {
    return 'of ranges, which no column holds'
  }
  if (args.includes('enum')) return 'of enums, which no column holds'
  if (name === 'current_setting') return 'of the session'
  return undefined
}

/** Entries that PostgreSQL has not under this name: they are held to our own other ways of running. */
export const onlyOurs: ReadonlySet<string> = new Set([
  ...['levenshtein', 'editdist3', 'hamming', 'mismatches', 'ends_with', 'suffix', 'contains'].map(
    (name) => `${name}(text,text)`,
  ),
  ...['lcase', 'ucase', 'len', 'strlen', 'ord', 'unicode'].map((name) => `${name}(text)`),
  ...['instr', 'prefix', 'string_split', 'str_split', 'string_split_regex', 'str_split_regex'].map(
    (name) => `${name}(text,text)`,
  ),
  'like(bytea,bytea)',
  'ilike(text,text)',
  'not_ilike(text,text)',
  'not_like(text,text)',
  'not_like(bytea,bytea)',
  ...['like', 'not_like', 'ilike', 'not_ilike'].map((name) => `${name}(text,text,text)`),
  // The columns of functions that take JSON apart.
  ...['json', 'jsonb'].flatMap((kind) =>
    [
      'array_elements_values',
      'array_elements_text_values',
      'each_keys',
      'each_values',
      'each_text_keys',
      'each_text_values',
      'object_keys_values',
    ].map((name) => `${kind}_${name}(${kind})`),
  ),
])

/** The domains of the arguments, for an id or a name: values that the function has a use for; `-`: any of the type. */
const meanings: Readonly<Record<string, string>> = {
  '<<': '- shift',
  '>>': '- shift',
  '^': 'small_float small_float',
  '^(numeric,numeric)': 'small_numeric small_numeric',
  'exp(float8)': 'small_float',
  'exp(numeric)': 'small_numeric',
  'power(float8,float8)': 'small_float small_float',
  'power(numeric,numeric)': 'small_numeric small_numeric',
  'pow(float8,float8)': 'small_float small_float',
  'pow(numeric,numeric)': 'small_numeric small_numeric',
  'log(numeric,numeric)': 'small_numeric numeric',
  acos: 'small_float',
  asin: 'small_float',
  sinh: 'small_float',
  cosh: 'small_float',
  factorial: 'small_integer',
  'round(numeric,int4)': '- places',
  'trunc(numeric,int4)': '- places',
  width_bucket: '- - - count',
  chr: 'code',
  ...alike('get_bit set_bit get_byte set_byte', '- count width'),
  'get_bit(bytea,int8)': '- small_integer',
  'set_bit(bytea,int8,int4)': '- small_integer width',
  ...alike('encode convert_from convert_to', '- encoding'),
  'decode(text,text)': 'encoded encoding',
  convert: '- encoding encoding',
  ...alike('bits_of_integer pad_bits cut_bits', '- width'),
  ...alike('normalize is_normalized', '- normal_form'),
  format: 'format_pattern',
  unistr: 'unistr_text',
  parse_ident: 'qualified_name',
  pg_size_bytes: 'size',
  to_number: 'numeral shiftless_format',
  ...alike('asind acosd atanh acosh', 'small_float'),
  left: '- count',
  right: '- count',
  repeat: '- count',
  substr: '- count count',
  substring: '- count count',
  'substring(text,text)': '- regexp',
  'substring(text,text,text)': '- similar_pattern escape',
  overlay: '- piece count count',
  lpad: '- count piece',
  rpad: '- count piece',
  btrim: '- piece',
  ltrim: '- piece',
  rtrim: '- piece',
  translate: '- piece piece',
  replace: '- piece piece',
  split_part: '- piece count',
  strpos: '- piece',
  position: '- piece',
  starts_with: '- piece',
  '^@': '- piece',
  string_to_array: '- piece piece',
  array_to_string: '- piece piece',
  similar_to: '- similar_pattern escape',
  ...alike('~~ !~~ ~~* !~~* like not_like ilike not_ilike', '- like_pattern escape'),
  ...Object.fromEntries(
    ['~~', '!~~', '~~*', '!~~*'].flatMap((operator) =>
      ['any', 'all'].map((quantifier) => [`${operator} ${quantifier}`, 'text like_patterns']),
    ),
  ),
  ...alike('~ ~* !~ !~* regexp_like regexp_match regexp_split_to_array', '- regexp regexp_flags'),
  '~(int2)': '',
  '~(int4)': '',
  '~(int8)': '',
  regexp_count: '- regexp count regexp_flags',
  regexp_instr: '- regexp count count count regexp_flags count',
  regexp_substr: '- regexp count count regexp_flags count',
  regexp_replace: '- regexp replacement regexp_flags',
  'regexp_replace(text,text,text,int4)': '- regexp replacement count',
  'regexp_replace(text,text,text,int4,int4)': '- regexp replacement count count',
  'regexp_replace(text,text,text,int4,int4,text)': '- regexp replacement count count regexp_flags',
  date_trunc: 'unit - zone',
  date_part: 'field',
  extract: 'field',
  timezone: 'zone',
  ...alike(
    'timezone(interval,timestamptz) timezone(interval,timestamp) timezone(interval,timetz)',
    '-',
  ),
  to_char: '- number_format',
  'to_char(int4,text)': '- shiftless_format',
  'to_char(interval,text)': '- moment_format',
  'to_char(timestamp,text)': '- moment_format',
  'to_char(timestamptz,text)': '- moment_format',
  make_date: 'year month day',
  make_time: 'hour minute seconds',
  make_timestamp: 'year month day hour minute seconds',
  array_element: '- count count',
  array_slice: '- count count count count',
  trim_array: '- count',
  array_length: '- count',
  array_lower: '- count',
  array_upper: '- count',
  array_fill: '- sizes sizes',
  'array_position(array,any,int4)': '- - count',
  '->(json,int4)': '- count',
  '->(jsonb,int4)': '- count',
  '->>(json,int4)': '- count',
  '->>(jsonb,int4)': '- count',
  '-(jsonb,int4)': '- count',
  'overlay(bytea,bytea,int4,int4)': '- - count count',
  'overlay(bytea,bytea,int4)': '- - count',
  'overlay(bit,bit,int4,int4)': '- - count count',
  'overlay(bit,bit,int4)': '- - count',
  ...alike('position(bytea,bytea) position(bit,bit) btrim(bytea,bytea) ltrim(bytea,bytea)', '-'),
  ...alike('rtrim(bytea,bytea) like(bytea,bytea) ~~(bytea,bytea) !~~(bytea,bytea)', '-'),
  ...alike('~~(bytea,bytea,bytea) !~~(bytea,bytea,bytea) ~(bit)', '-'),
  ...alike('-> ->> ? -(jsonb,text)', '- key'),
  ...alike('#> #>> #- ?| ?& -(jsonb,array)', '- path'),
  ...alike('jsonb_extract_path jsonb_extract_path_text', '- key key'),
  // Below 0, PostgreSQL counts in another array of a json than the one that the path leads to.
  '#>(json,array)': '- json_path',
  '#>>(json,array)': '- json_path',
  ...alike('json_extract_path json_extract_path_text', '- json_key json_key'),
  jsonb_set: '- path',
  jsonb_insert: '- path',
  pad_characters: '- width',
  cut_elements: 'text_array width',
  limit_digits: '- digits width',
}

/** The same of several names. */
function alike(names: string, meaning: string): Readonly<Record<string, string>> {
  return Object.fromEntries(names.split(' ').map((name) => [name, meaning]))
}

/** Every name and id that something is said of, so that a test can hold them to the catalogue. */
export const namesSpokenOf: readonly string[] = [
  ...Object.keys(written),
  ...Object.keys(meanings),
  ...onlyOurs,
]

/** The domain of an argument, where it is not any value of its type. */
export function meaningOf({ id, name }: ScalarFunction, place: number): string | undefined {
  const known = [id, name].find((key) => Object.hasOwn(meanings, key))
  const meaning = known === undefined ? undefined : meanings[known]?.split(' ')[place]
  return meaning === '-' || meaning === '' ? undefined : meaning
}

/** Places where SQL takes nothing but a constant. */
const constants: Readonly<Record<string, readonly number[]>> = {
  extract: [0],
  pad_characters: [1],
  cut_elements: [1],
  limit_digits: [1, 2],
  normalize: [1],
  is_normalized: [1],
  bits_of_integer: [1],
  pad_bits: [1],
  cut_bits: [1],
}

export function mustBeConstant({ name }: ScalarFunction, place: number): boolean {
  return Object.hasOwn(constants, name) && constants[name]!.includes(place)
}

/** How many arguments a variadic one is called with beside those that it must have. */
export const VARIADIC_MORE_MAX = 3

/** The kinds of the arguments of a call that repeats the last one so often. */
export function slotsOf({ args, variadic }: ScalarFunction, more: number): readonly ArgumentKind[] {
  const last = args.at(-1)
  return variadic !== true || last === undefined
    ? args
    : [...args, ...Array.from({ length: more }, () => last)]
}

/** How floats of another library of mathematics may differ from ours. */
export interface Rounding {
  /** How many floats lie between at most. */
  readonly stepsMax: number
  /** How many of a hundred values may differ. */
  readonly percentMax: number
}

/** Both are the nearest float but for a value in some hundreds. */
const nearest: Rounding = { stepsMax: 1, percentMax: 1 }
/** Where steps follow such a value. */
const nearly: Rounding = { stepsMax: 3, percentMax: 1 }

/** Functions of floats whose last digit is another than the C library's now and then. */
export const roundedOtherwise: Readonly<Record<string, Rounding>> = {
  acos: nearest,
  acosd: nearly,
  asind: nearly,
  atand: nearly,
  atan2d: nearly,
  cosd: nearly,
  sind: nearly,
  tand: nearly,
  cotd: nearly,
  acosh: nearly,
  asinh: nearly,
  atanh: nearly,
  asin: nearest,
  atan: nearest,
  atan2: nearest,
  cos: nearest,
  cosh: nearly,
  cot: nearly,
  exp: nearest,
  ln: nearest,
  log: nearest,
  log10: nearest,
  pow: nearest,
  power: nearest,
  '^': nearest,
  sin: nearest,
  sinh: nearly,
  tan: nearest,
  tanh: nearly,
}
