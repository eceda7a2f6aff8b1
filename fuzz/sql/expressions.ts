import type { Chooser } from '../chooser.ts'
import { piece, sql, type Piece } from './piece.ts'
import { extremeKinds, kinds, literalOf, type Kind } from './schema.ts'

/** A column that an expression may name. */
export interface Reference {
  readonly text: string
  readonly kind: Kind
}

/** What an expression may read, and how deep it may go. */
export interface Scope {
  readonly choose: Chooser
  readonly columns: readonly Reference[]
  readonly depth: number
  /** Makes a subquery of one column and at most one row, or a condition over a subquery; see queries.ts. */
  readonly subquery?: (scope: Scope, kind: Kind) => Piece
}

type Make = (arg: (kind: Kind) => Piece, scope: Scope) => Piece

const sqlTypes: Readonly<Record<Kind, string>> = {
  int: 'int4',
  numeric: 'numeric',
  float: 'float8',
  text: 'text',
  bool: 'bool',
  date: 'date',
  timestamp: 'timestamp',
  interval: 'interval',
  uuid: 'uuid',
  ints: 'int[]',
  texts: 'text[]',
  jsonb: 'jsonb',
}

/** Ways to make a value of a kind of other values. Errors of the data are avoided: they may come in any order. */
const makers: Readonly<Record<Kind, readonly Make[]>> = {
  int: [
    (arg) => sql`(${arg('int')} + ${arg('int')})`,
    (arg) => sql`(${arg('int')} - ${arg('int')})`,
    (arg) => sql`(${arg('int')} / nullif(${arg('int')}, 0))`,
    (arg) => sql`(${arg('int')} % nullif(${arg('int')}, 0))`,
    (arg) => sql`abs(${arg('int')}::int8)`,
    (arg) => sql`length(${arg('text')})`,
    (arg) => sql`octet_length(${arg('text')})`,
    (arg) => sql`strpos(${arg('text')}, ${arg('text')})`,
    (arg) => sql`(${arg('date')} - ${arg('date')})`,
    (arg, { choose }) =>
      sql`extract(${choose.pick(['year', 'month', 'day', 'dow', 'doy'])} from ${arg('date')})::int`,
    (arg) => sql`${arg('bool')}::int`,
    (arg) => sql`ascii(${arg('text')})`,
    (arg) => sql`mod(${arg('int')}, nullif(${arg('int')}, 0))`,
    (arg) => sql`sign(${arg('int')})::int`,
    (arg) => sql`cardinality(${arg('ints')})`,
    (arg, { choose }) => sql`array_length(${arg('texts')}, ${String(choose.between(1, 2))})`,
    (arg, { choose }) => sql`(${arg('ints')})[${String(choose.between(0, 3))}]`,
    (arg) => sql`(${arg('numeric')} % 1000)::int`,
    (arg, { choose }) =>
      sql`extract(${choose.pick(['hour', 'month', 'quarter', 'week', 'isodow'])} from ${arg('timestamp')})::int`,
    (arg, { choose }) =>
      sql`extract(${choose.pick(['day', 'hour', 'month', 'year'])} from ${arg('interval')})::int`,
  ],
  numeric: [
    (arg) => sql`(${arg('numeric')} + ${arg('numeric')})`,
    (arg) => sql`(${arg('numeric')} - ${arg('int')})`,
    (arg) => sql`(${arg('numeric')} * ${arg('numeric')})`,
    (arg) => sql`(${arg('numeric')} / nullif(${arg('numeric')}, 0))`,
    (arg) => sql`(${arg('int')} / nullif(${arg('numeric')}, 0))`,
    (arg, { choose }) => sql`round(${arg('numeric')}, ${String(choose.between(-1, 4))})`,
    (arg) => sql`abs(${arg('numeric')})`,
    (arg) => sql`trunc(${arg('numeric')}, 1)`,
    (arg) => sql`floor(${arg('numeric')})`,
    (arg) => sql`${arg('int')}::numeric`,
    (arg, { choose }) => sql`${arg('int')}::${choose.pick(['numeric(30,6)', 'numeric(24,2)'])}`,
    (arg) => sql`(- ${arg('numeric')})`,
    (arg) => sql`(${arg('numeric')} % nullif(${arg('numeric')}, 0))`,
    (arg) => sql`ceil(${arg('numeric')})`,
    (arg) => sql`sign(${arg('numeric')})`,
    (arg) => sql`extract(epoch from ${arg('interval')})`,
    (arg) => sql`extract(epoch from ${arg('timestamp')})`,
    (arg) => sql`extract(second from ${arg('timestamp')})`,
    (arg, { choose }) => sql`round(${arg('numeric')}, ${String(choose.between(0, 8))})::numeric`,
  ],
  float: [
    (arg) => sql`(${arg('float')} + ${arg('float')})`,
    (arg) => sql`(${arg('float')} * ${arg('int')})`,
    (arg) => sql`(${arg('float')} / nullif(${arg('float')}, 0))`,
    (arg) => sql`abs(${arg('float')})`,
    (arg) => sql`${arg('int')}::float8`,
    (arg) => sql`sqrt(abs(${arg('float')}))`,
    (arg) => sql`floor(${arg('float')})`,
    (arg) => sql`${arg('numeric')}::float8`,
  ],
  text: [
    (arg) => sql`upper(${arg('text')})`,
    (arg) => sql`lower(${arg('text')})`,
    (arg) => sql`(${arg('text')} || ${arg('text')})`,
    (arg) => sql`concat(${arg('text')}, ${arg('int')})`,
    (arg) => sql`concat_ws('-', ${arg('text')}, ${arg('bool')}, ${arg('int')})`,
    (arg) => sql`replace(${arg('text')}, 'a', ${arg('text')})`,
    (arg, { choose }) => sql`substr(${arg('text')}, ${String(choose.between(-1, 3))})`,
    (arg, { choose }) => sql`left(${arg('text')}, ${String(choose.between(-2, 3))})`,
    (arg, { choose }) => sql`right(${arg('text')}, ${String(choose.between(-2, 3))})`,
    (arg) => sql`reverse(${arg('text')})`,
    (arg, { choose }) => sql`lpad(${arg('text')}, ${String(choose.between(0, 6))}, 'xy')`,
    (arg, { choose }) => sql`repeat(${arg('text')}, ${String(choose.between(-1, 3))})`,
    (arg) => sql`md5(${arg('text')})`,
    (arg) => sql`trim(${arg('text')})`,
    (arg) => sql`initcap(${arg('text')})`,
    (arg) => sql`translate(${arg('text')}, 'ab', 'x')`,
    (arg, { choose }) => sql`split_part(${arg('text')}, 'a', ${String(choose.between(1, 3))})`,
    (arg) => sql`regexp_replace(${arg('text')}, '[ab]+', '<\\&>', 'g')`,
    (arg) => sql`${arg('int')}::text`,
    (arg) => sql`${arg('numeric')}::text`,
    (arg) => sql`${arg('bool')}::text`,
    (arg) => sql`${arg('date')}::text`,
    (arg) => sql`to_char(${arg('date')}, 'YYYY-MM Mon DD')`,
    (arg) => sql`${arg('timestamp')}::text`,
    (arg) => sql`${arg('interval')}::text`,
    (arg, { choose }) => sql`${arg('text')}::varchar(${String(choose.between(1, 3))})`,
    (arg) => sql`to_char(${arg('timestamp')}, 'HH24:MI:SS Day')`,
    (arg) => sql`to_char(${arg('numeric')}, 'FM9990.00')`,
    (arg) => sql`btrim(${arg('text')}, 'a ')`,
    (arg) => sql`${arg('uuid')}::text`,
    (arg) => sql`${arg('ints')}::text`,
    (arg) => sql`${arg('jsonb')}::text`,
    (arg) => sql`(${arg('texts')})[1]`,
    (arg) => sql`array_to_string(${arg('texts')}, '+', '?')`,
    (arg) => sql`(${arg('jsonb')} ->> 'a')`,
    (arg) => sql`jsonb_typeof(${arg('jsonb')})`,
    (arg) => sql`overlay(${arg('text')} placing ${arg('text')} from 2)`,
  ],
  bool: [
    (arg) => sql`(${arg('bool')} and ${arg('bool')})`,
    (arg) => sql`(${arg('bool')} or ${arg('bool')})`,
    (arg) => sql`(not ${arg('bool')})`,
    (arg, { choose }) => {
      const kind = choose.pick(kinds)
      return sql`(${arg(kind)} ${choose.pick(['=', '<>', '<', '<=', '>', '>='])} ${arg(kind)})`
    },
    (arg, { choose }) => {
      const kind = choose.pick(kinds)
      return sql`(${arg(kind)} is ${choose.pick(['', 'not '])}distinct from ${arg(kind)})`
    },
    (arg, { choose }) => sql`(${arg(choose.pick(kinds))} is ${choose.pick(['', 'not '])}null)`,
    (arg, { choose }) => {
      const kind = choose.pick(kinds)
      return sql`(${arg(kind)} between ${arg(kind)} and ${arg(kind)})`
    },
    (arg, { choose }) => {
      const kind = choose.pick(kinds)
      const wanted = choose.some(1, 4, () => (choose.chance(0.2) ? nullOf(kind) : arg(kind)))
      const members = wanted.flatMap((member, i) => (i > 0 ? [', ', member] : [member]))
      return sql`(${arg(kind)} ${choose.pick(['in', 'not in'])} (${piece(members)}))`
    },
    (arg, { choose }) => {
      const [a, b] = [choose.pick(kinds), choose.pick(kinds)]
      const operator = choose.pick(['=', '<>', '<', '>='])
      return sql`((${arg(a)}, ${arg(b)}) ${operator} (${arg(a)}, ${arg(b)}))`
    },
    (arg, { choose }) => {
      const [a, b] = [choose.pick(kinds), choose.pick(kinds)]
      const row = (): Piece => sql`(${arg(a)}, ${arg(b)})`
      return sql`(${row()} ${choose.pick(['in', 'not in'])} (${row()}, ${row()}))`
    },
    (arg, { choose }) => {
      const kind = choose.pick(kinds)
      const members = choose.some(60, 80, () => typed(choose, kind))
      if (choose.chance(0.3)) members.push('null')
      return sql`(${arg(kind)} ${choose.pick(['in', 'not in'])} (${members.join(', ')}))`
    },
    (arg) => sql`(${arg('int')} = any(${arg('ints')}))`,
    (arg) => sql`(${arg('text')} <> all(${arg('texts')}))`,
    (arg, { choose }) => sql`(${arg('ints')} ${choose.pick(['@>', '<@', '&&'])} ${arg('ints')})`,
    (arg, { choose }) => sql`(${arg('jsonb')} ${choose.pick(['@>', '<@'])} ${arg('jsonb')})`,
    (arg) => sql`(${arg('jsonb')} ? 'a')`,
    (arg) => sql`starts_with(${arg('text')}, ${arg('text')})`,
    (arg, { choose }) => {
      const kind = choose.pick(kinds)
      return sql`(${arg(kind)} between symmetric ${arg(kind)} and ${arg(kind)})`
    },
    (arg, { choose }) =>
      sql`(${arg('text')} ${choose.pick(['like', 'not like', 'ilike'])} '${choose.pick(['a%', '%b', '_', '%a%b%', ''])}')`,
    (arg, { choose }) => sql`(${arg('text')} ~ '${choose.pick(['^a', '[ab]+$', 'b|é', '\\w'])}')`,
    (arg, { choose }) =>
      sql`(${arg('bool')} is ${choose.pick(['true', 'not true', 'false', 'unknown'])})`,
  ],
  date: [
    (arg) => sql`(${arg('date')} + (${arg('int')} % 50)::int)`,
    (arg) => sql`${arg('timestamp')}::date`,
    (arg) => sql`(${arg('date')} - abs(${arg('int')} % 50)::int)`,
    (arg) => sql`make_date(2024, 1 + abs(${arg('int')} % 12)::int, 5)`,
    (arg) => sql`date_trunc('month', ${arg('date')})::date`,
  ],
  timestamp: [
    (arg, { choose }) =>
      sql`(${arg('timestamp')} + interval '${choose.pick(['1 day', '1 month', '-3 hours'])}')`,
    (arg, { choose }) =>
      sql`date_trunc('${choose.pick(['month', 'week', 'hour'])}', ${arg('timestamp')})`,
    (arg) => sql`${arg('date')}::timestamp`,
    (arg) => sql`(${arg('timestamp')} + ${arg('interval')})`,
    (arg) => sql`(${arg('timestamp')} - ${arg('interval')})`,
    (arg) => sql`(${arg('date')} + ${arg('interval')})`,
  ],
  interval: [
    (arg) => sql`(${arg('interval')} + ${arg('interval')})`,
    (arg) => sql`(${arg('interval')} - ${arg('interval')})`,
    (arg) => sql`(- ${arg('interval')})`,
    (arg) => sql`(${arg('interval')} * (${arg('int')} % 10)::int)`,
    (arg) => sql`(${arg('interval')} / 4)`,
    (arg) => sql`(${arg('timestamp')} - ${arg('timestamp')})`,
    (arg) => sql`age(${arg('timestamp')}, ${arg('timestamp')})`,
    (arg) => sql`justify_hours(${arg('interval')})`,
    (arg) => sql`justify_days(${arg('interval')})`,
  ],
  uuid: [
    (arg) => sql`md5(${arg('text')})::uuid`,
    (arg) => sql`${arg('uuid')}::text::uuid`,
    (arg) => sql`md5(${arg('uuid')}::text)::uuid`,
  ],
  ints: [
    (arg) => sql`array[${arg('int')}::int8 % 100, 7]::int[]`,
    (arg) => sql`(array_remove(${flat(arg('ints'))}, 1))`,
    (arg) => sql`(${flat(arg('ints'))} || 5)`,
    (arg) => sql`(0 || ${flat(arg('ints'))})`,
    (arg) => sql`(${flat(arg('ints'))} || ${flat(arg('ints'))})`,
    (arg, { choose }) =>
      sql`(${arg('ints')})[${String(choose.between(-1, 2))}:${String(choose.between(0, 3))}]`,
    (arg) => sql`array_replace(${arg('ints')}, 1, null)`,
    (arg) => sql`array_positions(${flat(arg('ints'))}, 1)`,
    (arg) => sql`(case when ${arg('bool')} then '{1,2}' else ${arg('ints')} end)`,
  ],
  texts: [
    (arg) => sql`array[${arg('text')}::text, 'z', ${arg('text')}::text]`,
    (arg) => sql`string_to_array(${arg('text')}, 'a')`,
    (arg) => sql`string_to_array(${arg('text')}, null, 'b')`,
    (arg) => sql`array_append(${flat(arg('texts'))}, ${arg('text')})`,
    (arg) => sql`${arg('ints')}::text[]`,
    (arg) => sql`array_remove(${flat(arg('texts'))}, ${arg('text')})`,
  ],
  jsonb: [
    (arg) => sql`to_jsonb(${arg('text')})`,
    (arg) => sql`to_jsonb(${arg('ints')})`,
    (arg) => sql`jsonb_build_object('a', ${arg('bool')}, 'b', ${arg('text')})`,
    (arg) => sql`jsonb_build_array(${arg('date')}, ${arg('jsonb')})`,
    (arg, { choose }) => sql`(${arg('jsonb')} -> '${choose.pick(['a', 'b', 'c'])}')`,
    (arg, { choose }) => sql`(${arg('jsonb')} -> ${String(choose.between(-2, 2))})`,
    (arg) => sql`(${arg('jsonb')} #> '{a,1}')`,
    (arg) => sql`(${arg('jsonb')} || ${arg('jsonb')})`,
    (arg) => sql`jsonb_strip_nulls(${arg('jsonb')})`,
    (arg) => sql`${arg('jsonb')}::json::jsonb`,
  ],
}

/** An array of one dimension at most: what several functions want. */
function flat(array: Piece): Piece {
  return sql`(case when array_ndims(${array}) > 1 then null else ${array} end)`
}

const common: readonly ((kind: Kind) => Make)[] = [
  (kind) => (arg) => sql`case when ${arg('bool')} then ${arg(kind)} else ${arg(kind)} end`,
  (kind) => (arg) =>
    sql`case when ${arg('bool')} then ${arg(kind)} when ${arg('bool')} then ${arg(kind)} end`,
  (kind) => (arg) => sql`coalesce(${arg(kind)}, ${arg(kind)})`,
  (kind) => (arg) => sql`nullif(${arg(kind)}, ${arg(kind)})`,
  (kind) => (arg) => sql`greatest(${arg(kind)}, ${arg(kind)})`,
  (kind) => (arg) => sql`least(${arg(kind)}, ${arg(kind)}, ${arg(kind)})`,
  (kind) =>
    (arg, { choose }) => {
      const of = choose.pick(kinds)
      return sql`case ${arg(of)} when ${arg(of)} then ${arg(kind)} when ${arg(of)} then ${arg(kind)} end`
    },
]

/** A random expression of a kind. */
export function expression(scope: Scope, kind: Kind): Piece {
  const { choose, depth } = scope
  if (depth <= 0 || choose.chance(0.25)) return leaf(scope, kind)
  if (scope.subquery !== undefined && choose.chance(0.06)) {
    return piece([scope.subquery(scope, kind)], [nullOf(kind)])
  }
  const args: { readonly kind: Kind; readonly piece: Piece }[] = []
  const inner = { ...scope, depth: depth - 1 }
  const arg = (wanted: Kind): Piece => {
    const made = expression(inner, wanted)
    args.push({ kind: wanted, piece: made })
    return made
  }
  const make = choose.chance(0.2) ? choose.pick(common)(kind) : choose.pick(makers[kind])
  const whole = make(arg, scope)
  const same = args.filter((one) => one.kind === kind).map((one) => one.piece)
  return piece(whole.parts, [nullOf(kind), plainOf(kind), ...same])
}

function leaf({ choose, columns }: Scope, kind: Kind): Piece {
  const fitting = columns.filter((column) => column.kind === kind)
  if (fitting.length > 0 && choose.chance(0.8)) {
    return piece([choose.pick(fitting).text], [plainOf(kind)])
  }
  return choose.chance(0.1) ? nullOf(kind) : piece([typed(choose, kind)])
}

/** A literal of a kind's own type. */
export function typed(choose: Chooser, kind: Kind): string {
  const text = literalOf(choose, kind)
  return kind === 'float' || kind === 'numeric' ? `${`(${text})`}::${sqlTypes[kind]}` : text
}

function nullOf(kind: Kind): Piece {
  return piece([`null::${sqlTypes[kind]}`])
}

const plain: Readonly<Record<Kind, string>> = {
  int: '1',
  numeric: '1.5',
  float: '1.5::float8',
  text: `'a'`,
  bool: 'true',
  date: `date '2024-01-01'`,
  timestamp: `timestamp '2024-01-01'`,
  interval: `interval '1 day'`,
  uuid: `uuid '00000000-0000-0000-0000-000000000001'`,
  ints: `'{1}'::int[]`,
  texts: `'{a}'::text[]`,
  jsonb: `'1'::jsonb`,
}

function plainOf(kind: Kind): Piece {
  return piece([plain[kind]])
}

/**
 * A value that stands for its equals, made the same whichever of them it is: 1.50 and 1.5, a month and
 * 30 days are equal, and nobody promises which of them a group or a maximum shows.
 */
export function settled(kind: Kind, value: Piece): Piece {
  if (kind === 'numeric') return sql`trim_scale(${value})`
  return kind === 'interval' ? sql`justify_interval(${value})` : value
}

/** An aggregate call and what it gives. */
export function aggregateCall(scope: Scope): { readonly piece: Piece; readonly kind: Kind } {
  const { choose } = scope
  const filter = choose.chance(0.2) ? sql` filter (where ${expression(scope, 'bool')})` : ''
  const distinct = choose.chance(0.15) ? 'distinct ' : ''
  const made = choose.pick<() => { piece: Piece; kind: Kind }>([
    () => ({ piece: sql`count(*)${filter}`, kind: 'int' }),
    () => {
      const of = expression(scope, choose.pick(kinds))
      return { piece: sql`count(${distinct}${of})${filter}`, kind: 'int' }
    },
    () => {
      const kind = choose.pick<Kind>(['int', 'numeric', 'float', 'interval'])
      const of = expression(scope, kind)
      return {
        piece: sql`sum(${distinct}${of})${filter}`,
        kind: kind === 'int' ? 'numeric' : kind,
      }
    },
    () => {
      const kind = choose.pick<Kind>(['int', 'numeric', 'float'])
      const of = expression(scope, kind)
      return {
        piece: sql`avg(${distinct}${of})${filter}`,
        kind: kind === 'float' ? 'float' : 'numeric',
      }
    },
    () => {
      const kind = choose.pick(extremeKinds)
      const of = expression(scope, kind)
      const call = sql`${choose.pick(['min', 'max'])}(${of})${filter}`
      return { piece: settled(kind, call), kind }
    },
    () => {
      const of = expression(scope, 'bool')
      return { piece: sql`${choose.pick(['bool_and', 'bool_or'])}(${of})${filter}`, kind: 'bool' }
    },
    () => {
      const kind = choose.pick<Kind>(['int', 'numeric'])
      const of = expression(scope, kind)
      return {
        piece: sql`${choose.pick(['variance', 'stddev_pop'])}(${of})${filter}`,
        kind: 'numeric',
      }
    },
    () => {
      // Equal texts look alike: the order of the rows cannot be told.
      const of = sql`(${expression(scope, 'text')})::text`
      const order = choose.chance(0.5) ? ' desc' : ''
      const call = sql`string_agg(${distinct}${of}, ',' order by ${of}${order})${filter}`
      return { piece: call, kind: 'text' }
    },
    () => {
      const kind = choose.pick<Kind>(['int', 'text', 'date'])
      const of = expression(scope, kind)
      const name = choose.pick(['percentile_disc(0.5)', 'percentile_disc(0.9)', 'mode()'])
      const way = choose.pick(['', ' desc', ' nulls first'])
      return { piece: sql`${name} within group (order by ${of}${way})${filter}`, kind }
    },
    () => {
      // Arrays of one type, whatever integers they are of.
      const of = sql`((${expression(scope, 'int')})::int8 % 1000)::int`
      const way = choose.pick(['', ' desc', ' desc nulls last'])
      return {
        piece: sql`array_agg(${distinct}${of} order by ${of}${way})${filter}`,
        kind: 'ints',
      }
    },
    () => {
      const of = sql`(${expression(scope, 'text')})::text`
      return { piece: sql`array_agg(${distinct}${of} order by ${of})${filter}`, kind: 'texts' }
    },
    () => {
      const of = expression(scope, choose.pick<Kind>(['text', 'bool', 'date', 'ints']))
      return { piece: sql`jsonb_agg(${distinct}${of} order by ${of})${filter}`, kind: 'jsonb' }
    },
    () => {
      const name = sql`coalesce(${expression(scope, 'text')}, 'none')`
      const of = sql`(${expression(scope, 'int')})::int8`
      return { piece: sql`jsonb_object_agg(${name}, ${of} order by ${of})${filter}`, kind: 'jsonb' }
    },
    () => {
      const of = sql`((${expression(scope, 'int')})::int8 % 1000)::int`
      const name = choose.pick(['array[0.5, 0.9, 0]', `'{{0.1},{NULL}}'::float8[]`])
      return {
        piece: sql`percentile_disc(${name}) within group (order by ${of})${filter}`,
        kind: 'ints',
      }
    },
    () => {
      const name = choose.pick(['rank', 'dense_rank'])
      const [of, value] = [expression(scope, 'int'), choose.pick(['0', '2', 'null'])]
      return { piece: sql`${name}(${value}) within group (order by ${of})${filter}`, kind: 'int' }
    },
    () => {
      const of = expression(scope, 'int')
      const name = choose.pick(['bit_and', 'bit_or', 'bit_xor'])
      return { piece: sql`${name}(${distinct}${of})${filter}`, kind: 'int' }
    },
    () => {
      const [y, x] = [expression(scope, 'int'), expression(scope, 'int')]
      return { piece: sql`regr_count(${distinct}${y}, ${x})${filter}`, kind: 'int' }
    },
  ])()
  return { piece: piece(made.piece.parts, [sql`count(*)`]), kind: made.kind }
}
