import {
  arrayOf,
  decimal,
  plainType,
  text,
  typeName,
  type DataType,
  type TypeKind,
} from '#heddle/data/types/data-type.js'
import { typeCategory } from '#heddle/data/types/coercion.js'
import type { Chooser } from '../chooser.ts'
import type { ColumnForm } from './rows.ts'
import * as moments from './moments.ts'
import * as numbers from './numbers.ts'
import * as texts from './texts.ts'

type Make = (choose: Chooser) => string

/** What the values of an argument are: their type, and which of its values a function has a use for. */
export interface Domain {
  readonly name: string
  readonly type: DataType
  /** The type as it is declared. */
  readonly declared: string
  /** A value as a text that the type reads. */
  readonly make: Make
  /** The columns that it has; the first is one of any values. */
  readonly forms: readonly [ColumnForm, ...ColumnForm[]]
}

type Kind = Exclude<
  TypeKind,
  'unknown' | 'array' | 'record' | 'range' | 'multirange' | 'enum' | 'reg'
>

/** Values of every type: one without a maker does not compile. */
const makers: { readonly [K in Kind]: Make } = {
  bool: (choose) => choose.pick(['t', 'f']),
  int2: (choose) => numbers.integer(choose, 'int2'),
  int4: (choose) => numbers.integer(choose, 'int4'),
  int8: (choose) => numbers.integer(choose, 'int8'),
  float4: (choose) => numbers.float(choose, 'float4'),
  float8: (choose) => numbers.float(choose, 'float8'),
  decimal: (choose) => numbers.decimal(choose, 10, 2),
  numeric: numbers.numeric,
  date: moments.date,
  time: moments.time,
  timestamp: moments.timestamp,
  timestamptz: moments.timestamp,
  interval: moments.interval,
  text: texts.word,
  bytea: numbers.bytes,
  jsonpath: texts.path,
  timetz: moments.zonedTime,
  bpchar: texts.piece,
  oid: numbers.oid,
  uuid: numbers.uuid,
  bit: texts.octet,
  varbit: texts.bits,
  json: texts.document,
  jsonb: texts.document,
}

export const elementKinds = Object.keys(makers).filter((kind) => kind !== 'decimal') as Exclude<
  Kind,
  'decimal'
>[]

/** Digits and scale of decimals: in 16, 32, 64 and 128 bits. */
const decimals = {
  decimal: [10, 2],
  decimal_narrow: [4, 1],
  decimal_long: [18, 6],
  decimal_wide: [38, 12],
} as const

type Forms = Domain['forms']

const allForms: Forms = ['any', 'near', 'few']

function domain(name: string, type: DataType, make: Make, more: Partial<Domain> = {}): Domain {
  return { name, type, declared: typeName(type), make, forms: allForms, ...more }
}

/** char(n) and bit(n) are declared with their lengths. */
const paddedTo = (kind: Kind, suffix: string): Partial<Domain> =>
  kind === 'bpchar' || kind === 'bit'
    ? { declared: `${kind === 'bit' ? `bit(${texts.BITS})` : 'char(5)'}${suffix}` }
    : {}

/** By the name of its kind, `_array` behind it for arrays; the decimals that have digits of their own. */
const ofTypes: readonly Domain[] = [
  ...elementKinds.map((kind) => domain(kind, plainType(kind), makers[kind], paddedTo(kind, ''))),
  ...elementKinds.map((kind) => {
    const make: Make = (choose) => texts.arrayText(choose, makers[kind])
    const forms: Forms = ['any', 'near']
    return domain(`${kind}_array`, arrayOf(plainType(kind)), make, {
      forms,
      ...paddedTo(kind, '[]'),
    })
  }),
  ...Object.entries(decimals).map(([name, [precision, scale]]) =>
    domain(name, decimal(precision, scale), (choose) => numbers.decimal(choose, precision, scale)),
  ),
]

/** Texts that a cast to a type reads, and others. */
function spelled({ name, type, make }: Domain): Domain {
  const odd = oddText(type)
  const made: Make = (choose) => {
    const roll = choose.between(0, 9)
    if (roll < 6) return make(choose)
    // PostgreSQL reads much as a moment that says something else.
    return roll < 8 && !isMoment(type) ? texts.spoiled(choose, make(choose)) : odd(choose)
  }
  return domain(`text_of_${name}`, text, made, { forms: ['any'] })
}

function isMoment(type: DataType): boolean {
  const { kind } = type.kind === 'array' ? type.element : type
  return typeCategory(kind) === 'datetime' || typeCategory(kind) === 'timespan'
}

function oddText({ kind }: DataType): Make {
  switch (typeCategory(kind)) {
    case 'number':
      return texts.oddNumber
    case 'boolean':
      return texts.oddTruth
    case 'datetime':
    case 'timespan':
      return moments.oddMoment
    case 'string':
    case 'bits':
    case 'binary':
    case 'array':
    case 'composite':
    case 'range':
    case 'enum':
    case 'user':
    case 'unknown':
      return texts.word
  }
}

const kindNamed = (kind: string): DataType =>
  plainType(elementKinds.find((known) => known === kind) ?? 'text')

/** Values that mean something to a function: `kind` says of which type. */
function meant(kind: string, makes: Readonly<Record<string, Make>>): readonly Domain[] {
  const forms: Forms = ['any', 'few']
  return Object.entries(makes).map(([name, make]) => domain(name, kindNamed(kind), make, { forms }))
}

const count =
  (low: number, high: number): Make =>
  (choose) =>
    choose.chance(0.03)
      ? choose.pick(['2147483647', '-2147483648'])
      : String(choose.between(low, high))

const ofMeanings: readonly Domain[] = [
  ...meant('text', {
    piece: texts.piece,
    like_pattern: texts.likePattern,
    regexp: texts.regexp,
    similar_pattern: texts.similarPattern,
    regexp_flags: texts.regexpFlags,
    replacement: texts.replacement,
    escape: texts.escape,
    moment_format: texts.momentFormat,
    number_format: texts.numberFormat,
    shiftless_format: texts.shiftlessFormat,
    unit: texts.unit,
    field: texts.field,
    zone: texts.zone,
    key: texts.key,
    encoding: texts.encodingName,
    encoded: texts.encoded,
    normal_form: (choose) => choose.pick(['NFC', 'NFD', 'NFKC', 'NFKD']),
    format_pattern: texts.formatPattern,
    unistr_text: texts.escapedText,
    qualified_name: texts.qualifiedName,
    size: texts.size,
    numeral: texts.numeral,
    json_key: (choose) => texts.key(choose).replace('-1', 'z'),
  }),
  ...meant('int4', {
    count: count(-3, 12),
    width: (choose) => String(choose.between(1, 8)),
    digits: (choose) => String(choose.between(39, 60)),
    places: count(-8, 12),
    shift: count(-2, 70),
    code: (choose) =>
      choose.pick(['0', '-1', '65', '233', '8364', '55296', '128512', '1114112', '127']),
    year: (choose) =>
      String(choose.chance(0.1) ? choose.between(-5000, 300_000) : choose.between(1900, 2100)),
    month: count(0, 13),
    day: count(0, 32),
    hour: count(-1, 25),
    minute: count(-1, 61),
  }),
  ...meant('int8', { small_integer: (choose) => String(choose.between(-2, 60)) }),
  ...meant('float8', {
    small_float: numbers.smallFloat,
    seconds: (choose) => String(choose.between(-5, 61_000) / 1000),
  }),
  ...meant('numeric', { small_numeric: numbers.smallNumeric }),
  domain('like_patterns', arrayOf(plainType('text')), (choose) =>
    texts.arrayText(choose, texts.likePattern),
  ),
  domain('path', arrayOf(plainType('text')), (choose) => texts.arrayText(choose, texts.key)),
  domain('json_path', arrayOf(plainType('text')), (choose) =>
    texts.arrayText(choose, (one) => texts.key(one).replace('-1', 'z')),
  ),
  domain('sizes', arrayOf(plainType('int4')), (choose) => texts.arrayText(choose, count(0, 4))),
]

const all: readonly Domain[] = [...ofTypes, ...ofTypes.map(spelled), ...ofMeanings]
export const domains: ReadonlyMap<string, Domain> = new Map(all.map((one) => [one.name, one]))

/** The domains of a type that nothing more is known of. */
export function domainsOf(kind: Kind): readonly string[] {
  return kind === 'decimal' ? Object.keys(decimals) : [kind]
}

export function domainNamed(name: string): Domain {
  const found = domains.get(name)
  if (found === undefined) throw new Error(`no domain ${name}`)
  return found
}
