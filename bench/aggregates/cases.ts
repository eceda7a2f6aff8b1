import type { TypeKind } from '#heddle/data/types/data-type.js'
import { aggregateFunctions } from '#heddle/functions/aggregates/aggregates.js'
import type { AggregateFunction } from '#heddle/functions/function.js'

/** One aggregate, as each engine writes it, and how its values are compared. */
export interface AggregateCase {
  readonly name: string
  readonly ours: string
  readonly theirs: string
  readonly check: Check
}

/** Makes numbers of the values `a` of all groups, which both engines must agree on. */
export type Check = keyof typeof checks

/** The expressions over the values of an aggregate, one a group, that are compared: cheap ones. */
export const checks = {
  number: 'sum(a), count(a)',
  extreme: 'cast(min(a) as varchar), cast(max(a) as varchar), count(a)',
  truth: 'count(*) filter (where a), count(a)',
  length: 'sum(length(a)), count(a)',
  duration: 'extract(epoch from min(a)), extract(epoch from max(a)), count(a)',
  element: '(min(a))[1], (max(a))[1], count(a)',
  /** Which value it is is not said. */
  presence: 'count(a)',
} as const

/** A column of a kind of types: how it is made of the number `n` of a row, and how it is compared. */
export interface KindColumn {
  readonly made: string
  /** What DuckDB has instead. */
  readonly madeTheirs?: string
  readonly check: Check
}

const moment = "timestamp '2024-01-01' + n * interval '1 minute'"

/** Columns by the kind of their types; a kind without one has no case yet. */
export const kindColumns: Readonly<Partial<Record<TypeKind, KindColumn>>> = {
  bool: { made: 'n % 3 = 0', check: 'truth' },
  int2: { made: 'cast(n * 31 % 20011 as smallint)', check: 'number' },
  int4: { made: 'cast(n * 7919 % 1000003 as integer)', check: 'number' },
  int8: { made: 'cast(n * 7919 % 1000003 as bigint) * 1000003', check: 'number' },
  float4: { made: 'cast(n % 4096 as real) / 8', check: 'number' },
  float8: { made: 'cast(n * 7919 % 1000003 as double precision) / 7', check: 'number' },
  decimal: { made: 'cast(n * 31 % 100003 as decimal(12, 2)) * 0.25', check: 'number' },
  numeric: { made: 'cast(cast(n * 31 % 100003 as numeric) * 0.125 as numeric)', check: 'number' },
  date: {
    made: "cast(date '2024-01-01' + cast(n * 31 % 1009 as integer) as date)",
    check: 'extreme',
  },
  time: { made: `cast(${moment} as time)`, check: 'extreme' },
  timestamp: { made: moment, check: 'extreme' },
  timestamptz: { made: `cast(${moment} as timestamptz)`, check: 'duration' },
  interval: { made: "n * interval '1 minute'", check: 'duration' },
  text: { made: "'k' || cast(n * 31 % 100003 as varchar)", check: 'extreme' },
  bytea: { made: "cast('k' || cast(n * 31 % 100003 as varchar) as bytea)", check: 'length' },
  array: { made: 'array[cast(n * 31 % 20011 as integer), 1]', check: 'element' },
  bpchar: { made: "cast('k' || cast(n * 31 % 100003 as varchar) as char(8))", check: 'extreme' },
  timetz: { made: `cast(cast(${moment} as time) as timetz)`, check: 'extreme' },
  oid: { made: 'cast(n * 31 % 100003 as oid)', madeTheirs: 'n * 31 % 100003', check: 'extreme' },
}

/** The column of a kind. */
export const columnOf = (kind: string): string => `c_${kind}`

/** Columns that are no kind's own: groups, a second argument, and values of which one is by far the most frequent. */
export const otherColumns: Readonly<Record<string, string>> = {
  few: 'cast(n % 100 as integer)',
  many: 'cast(n * 7919 % 50000 as integer)',
  other: 'cast(n * 31 % 100003 as double precision)',
  skewed: 'cast(case when n % 50000 % 3 = 0 then 7 else n % 1000 end as integer)',
}

interface Written {
  readonly ours: string
  readonly theirs?: string
  readonly check?: Check
}

const integer = columnOf('int4')
const float = columnOf('float8')

/** Where a row of this value would stand. */
const WANTED = 500_000
const before = `count(*) filter (where ${integer} < ${WANTED})`

/** A rank among the sorted integers: DuckDB has none and counts. */
function ranking(name: string, theirs: string): Written {
  return { ours: `${name}(${WANTED}) within group (order by ${integer})`, theirs }
}

/** Aggregates that are not written as `name(column of each kind)` in both engines, by their id. */
const written: Readonly<Record<string, Written>> = {
  'count(any)': { ours: `count(${integer})` },
  'any_value(any)': { ours: `any_value(${integer})`, check: 'presence' },
  'squared_deviations(float8)': {
    ours: `squared_deviations(${float})`,
    theirs: `var_pop(${float}) * count(${float})`,
  },
  'sum_of_squares(numeric)': {
    ours: `sum_of_squares(${columnOf('numeric')})`,
    theirs: `sum(${columnOf('numeric')} * ${columnOf('numeric')})`,
  },
  'sum(interval)': {
    ours: 'sum(c_interval)',
    theirs: 'to_seconds(sum(epoch(c_interval)))',
    check: 'duration',
  },
  'avg(interval)': {
    ours: 'avg(c_interval)',
    theirs: 'to_seconds(avg(epoch(c_interval)))',
    check: 'duration',
  },
  'every(bool)': { ours: 'every(c_bool)', theirs: 'bool_and(c_bool)', check: 'truth' },
  'string_agg(text,text)': { ours: "string_agg(c_text, ',')", check: 'length' },
  'string_agg(bytea,bytea)': {
    ours: "string_agg(c_bytea, cast(',' as bytea))",
    theirs: "string_agg(c_text, ',')",
    check: 'presence',
  },
  'percentile_cont(float8,float8)': {
    ours: `percentile_cont(0.3) within group (order by ${float})`,
  },
  'percentile_cont(float8,interval)': {
    ours: 'percentile_cont(0.3) within group (order by c_interval)',
    theirs: 'to_seconds(percentile_cont(0.3) within group (order by epoch(c_interval)))',
    check: 'duration',
  },
  'percentile_disc(float8,any)': {
    ours: `percentile_disc(0.3) within group (order by ${integer})`,
  },
  'percentile_cont(array,float8)': {
    ours: `percentile_cont(array[0.3, 0.7]) within group (order by ${float})`,
    theirs: `quantile_cont(${float}, [0.3, 0.7])`,
    check: 'element',
  },
  'percentile_cont(array,interval)': {
    ours: 'percentile_cont(array[0.3, 0.7]) within group (order by c_interval)',
    theirs: 'quantile_cont(epoch(c_interval), [0.3, 0.7])',
    check: 'presence',
  },
  'percentile_disc(array,any)': {
    ours: `percentile_disc(array[0.3, 0.7]) within group (order by ${integer})`,
    theirs: `quantile_disc(${integer}, [0.3, 0.7])`,
    check: 'element',
  },
  'array_agg(array)': { ours: 'array_agg(c_array)', check: 'presence' },
  'array_agg(any)': { ours: `array_agg(${integer})`, check: 'presence' },
  'json_agg(any)': {
    ours: `json_agg(${integer})`,
    theirs: `json_group_array(${integer})`,
    check: 'presence',
  },
  'jsonb_agg(any)': {
    ours: `jsonb_agg(${integer})`,
    theirs: `json_group_array(${integer})`,
    check: 'presence',
  },
  'json_object_agg(any,any)': {
    ours: `json_object_agg(c_text, ${integer})`,
    theirs: `json_group_object(c_text, ${integer})`,
    check: 'presence',
  },
  'jsonb_object_agg(any,any)': {
    ours: `jsonb_object_agg(c_text, ${integer})`,
    theirs: `json_group_object(c_text, ${integer})`,
    check: 'presence',
  },
  'bit_and(bit)': {
    ours: `bit_and(cast(${integer} as bit(32)))`,
    theirs: `bit_and(${integer})`,
    check: 'presence',
  },
  'bit_or(bit)': {
    ours: `bit_or(cast(${integer} as bit(32)))`,
    theirs: `bit_or(${integer})`,
    check: 'presence',
  },
  'bit_xor(bit)': {
    ours: `bit_xor(cast(${integer} as bit(32)))`,
    theirs: `bit_xor(${integer})`,
    check: 'presence',
  },
  'arg_min(any,any)': {
    ours: `arg_min(c_text, ${float})`,
    theirs: `arg_min(c_text, ${float})`,
    check: 'presence',
  },
  'argmin(any,any)': {
    ours: `argmin(c_text, ${float})`,
    theirs: `argmin(c_text, ${float})`,
    check: 'presence',
  },
  'min_by(any,any)': {
    ours: `min_by(c_text, ${float})`,
    theirs: `min_by(c_text, ${float})`,
    check: 'presence',
  },
  'arg_max(any,any)': {
    ours: `arg_max(c_text, ${float})`,
    theirs: `arg_max(c_text, ${float})`,
    check: 'presence',
  },
  'argmax(any,any)': {
    ours: `argmax(c_text, ${float})`,
    theirs: `argmax(c_text, ${float})`,
    check: 'presence',
  },
  'max_by(any,any)': {
    ours: `max_by(c_text, ${float})`,
    theirs: `max_by(c_text, ${float})`,
    check: 'presence',
  },
  'first(any)': {
    ours: `first(${integer})`,
    theirs: `first(${integer})`,
    check: 'presence',
  },
  'last(any)': {
    ours: `last(${integer})`,
    theirs: `last(${integer})`,
    check: 'presence',
  },
  'range_agg(range)': {
    ours: `range_agg(int4range(${integer}, ${integer} + 9))`,
    theirs: `list(${integer} order by ${integer})`,
    check: 'presence',
  },
  'range_intersect_agg(range)': {
    ours: `range_intersect_agg(int4range(${integer}, ${integer} + 9))`,
    theirs: `max(${integer})`,
    check: 'presence',
  },
  'range_agg(multirange)': {
    ours: `range_agg(int4multirange(int4range(${integer}, ${integer} + 9)))`,
    theirs: `list(${integer} order by ${integer})`,
    check: 'presence',
  },
  'range_intersect_agg(multirange)': {
    ours: `range_intersect_agg(int4multirange(int4range(${integer}, ${integer} + 9)))`,
    theirs: `max(${integer})`,
    check: 'presence',
  },
  'mode(any)': { ours: 'mode() within group (order by skewed)' },
  'rank(any,...)': ranking('rank', `${before} + 1`),
  'dense_rank(any,...)': ranking(
    'dense_rank',
    `count(distinct ${integer}) filter (where ${integer} < ${WANTED}) + 1`,
  ),
  'percent_rank(any,...)': ranking('percent_rank', `${before} / cast(count(*) as double)`),
  'cume_dist(any,...)': ranking(
    'cume_dist',
    `(count(*) filter (where ${integer} <= ${WANTED}) + 1) / cast(count(*) + 1 as double)`,
  ),
}

/** Aggregates that run as another one does, by its id: labels of enums are integers. */
export const sameAs: Readonly<Record<string, string>> = {
  'min(enum)': 'min(int4)',
  'max(enum)': 'max(int4)',
}

const pairs = /^(corr|covar_|regr_)/

/** How an aggregate of the catalogue is timed; undefined where nobody has said it. */
export function caseOf({ id, name, args }: AggregateFunction): AggregateCase | undefined {
  const own = written[id]
  if (own !== undefined) {
    return {
      name: id,
      ours: own.ours,
      theirs: own.theirs ?? own.ours,
      check: own.check ?? 'number',
    }
  }
  if (id === 'count(*)') return { name: id, ours: id, theirs: id, check: 'number' }
  if (pairs.test(name) && args.join() === 'float8,float8') {
    const call = `${name}(${float}, other)`
    return { name: id, ours: call, theirs: call, check: 'number' }
  }
  const [kind, ...more] = args
  if (kind === undefined || kind === 'any' || more.length > 0) return undefined
  const column = kindColumns[kind]
  if (column === undefined) return undefined
  const call = `${name}(${columnOf(kind)})`
  return { name: id, ours: call, theirs: call, check: column.check }
}

const filtered = 'filter (where few < 70)'

/** DISTINCT, ORDER BY and FILTER. */
const clauses = ['sum', 'count', 'avg', 'min', 'max'].flatMap((name): AggregateCase[] =>
  [
    `${name}(distinct skewed)`,
    `${name}(${integer} order by ${float})`,
    `${name}(${integer}) ${filtered}`,
  ].map((call) => ({ name: call, ours: call, theirs: call, check: 'number' })),
)

const ordered: readonly AggregateCase[] = [
  "string_agg(c_text, ',' order by c_int4)",
  "string_agg(distinct c_text, ',')",
].map((call) => ({ name: call, ours: call, theirs: call, check: 'length' }))

/** What is collected of other types than integers. */
const collected = ['text', 'float8', 'timestamp', 'decimal'].flatMap((kind): AggregateCase[] => {
  const column = columnOf(kind)
  const list = `array_agg(${column})`
  return [
    { name: list, ours: list, theirs: list, check: 'presence' },
    {
      name: `json_agg(${column})`,
      ours: `json_agg(${column})`,
      theirs: `json_group_array(${column})`,
      check: 'presence',
    },
  ]
})

/** Every case: the catalogue's aggregates, then the clauses that all of them take. */
export const aggregateCases: readonly AggregateCase[] = [
  ...aggregateFunctions.flatMap((fn) => caseOf(fn) ?? []),
  ...clauses,
  ...ordered,
  ...collected,
]
