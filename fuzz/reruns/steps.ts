import type { Chooser } from '../chooser.ts'
import type { Asked } from './parameters.ts'
import { queryOf } from './queries.ts'
import { families, valueOf, type Family } from './values.ts'

/** What a session is asked to do next. */
export interface Step {
  readonly text: string
  /** Values of $1, $2, ...; undefined: sent as a plain query. */
  readonly values: readonly (string | null)[] | undefined
  /** A statement that is prepared under a name once, and run by it again and again. */
  readonly name: string | undefined
}

/** What tables of a sequence have in common. */
export interface Theme {
  /** Of the column `k`, by which tables are joined. */
  readonly keys: Family
  /** Rows of most inserts. */
  readonly rows: number
  /** Different keys, at most. */
  readonly keysMax: number
}

export const tables = ['t', 'u'] as const
const STEPS_MIN = 12
const STEPS_MAX = 40
const QUERIES_MAX = 5

/** Statements of a few kinds that come again and again, and between them what changes the tables that they read. */
export function randomSteps(choose: Chooser): readonly Step[] {
  const rows = choose.pick([3, 20, 20, 300, 300, 1_500, 1_500, 9_000])
  const theme: Theme = {
    keys: choose.pick(['numbers', 'numbers', 'numbers', 'texts', 'moments', 'others'] as const),
    rows,
    keysMax: choose.pick([3, 50, rows, rows, 10 * rows, 100_000]),
  }
  const queries = choose.some(2, QUERIES_MAX, () => queryOf(choose, theme))
  const state: State = { choose, theme, columns: new Map(), inserts: 0 }
  const steps = [
    ...tables.flatMap((table) => create(state, table)),
    plain('create view v as table t'),
  ]
  const count = choose.between(STEPS_MIN, STEPS_MAX)
  for (let at = 0; at < count; at++) steps.push(...nextSteps(state, queries))
  return steps
}

interface State {
  readonly choose: Chooser
  readonly theme: Theme
  /** Of each table, as it was made last. */
  readonly columns: Map<string, readonly Column[]>
  inserts: number
}

function nextSteps(state: State, queries: readonly Asked[]): Step[] {
  const { choose } = state
  const kind = choose.between(1, 100)
  if (kind <= 62) {
    const asked = choose.pick(queries)
    const values = asked.values.map((value) => (choose.chance(0.15) ? null : value(choose)))
    if (values.length === 0 && choose.chance(0.5)) return [plain(asked.text)]
    const name = choose.chance(0.5) ? `q${queries.indexOf(asked)}` : undefined
    return [{ text: asked.text, values, name }]
  }
  if (kind <= 88) return insert(state, choose.pick(tables))
  if (kind <= 93) return create(state, choose.pick(tables))
  return [plain(choose.pick(others))]
}

const levels = ['', '', ' isolation level repeatable read'] as const
const control = [...levels.map((level) => `begin${level}`), 'commit', 'commit', 'rollback'] as const

const others = [
  ...control,
  'create temp table t as select id, k, x, s, d, a, j from u',
  'drop table if exists pg_temp.t',
  'create or replace view v as select id, k, x, s, d, a, j from t where id % 2 = 0',
  'create or replace view v as select id, k, x, s, d, a, j from u',
  'create unique index i on u (id)',
  'create unique index i on u (k)',
  'drop index if exists i',
  'deallocate all',
]

interface Column {
  readonly name: string
  readonly type: string
}

function plain(text: string): Step {
  return { text, values: undefined, name: undefined }
}

/** Makes a table anew with other types, in most cases with rows. */
function create(state: State, table: string): Step[] {
  const { choose, theme, columns } = state
  const pick = (family: Family): string => choose.pick(families[family])
  const made: readonly Column[] = [
    { name: 'id', type: 'int8' },
    { name: 'k', type: pick(theme.keys) },
    // Sums of float4 are kept in double precision by one of the two.
    { name: 'x', type: choose.pick(families.numbers.filter((type) => type !== 'float4')) },
    { name: 's', type: pick('texts') },
    { name: 'd', type: pick('moments') },
    { name: 'a', type: pick('arrays') },
    { name: 'j', type: 'jsonb' },
  ]
  columns.set(table, made)
  const rules = choose.pick(['', '', '', ', primary key (id)', ', unique (k)'])
  const list = made.map(({ name, type }) => `${name} ${type}`).join(', ')
  const steps = [
    plain(`drop table if exists ${table} cascade`),
    plain(`create table ${table} (${list}${rules})`),
    plain('create or replace view v as select id, k, x, s, d, a, j from t'),
  ]
  return choose.chance(0.8) ? [...steps, ...insert(state, table)] : steps
}

/** Ids of one insert, none of which another one has. */
const IDS_AN_INSERT = 1_000_000

/** Rows that continue what is there, come twice, or are of another range and with NULLs for the first time. */
function insert(state: State, table: string): Step[] {
  const { choose, theme, columns } = state
  const rows = choose.pick([1, 2, Math.ceil(theme.rows / 10), theme.rows, theme.rows])
  const from = choose.pick([0, 0, 1, -rows, theme.keysMax, 90_000 - rows])
  const step = choose.pick([1, 1, 7, 13, -1])
  const integer = `((g * ${step}) % ${theme.keysMax} + ${from})::int8`
  state.inserts++
  const ids = `${state.inserts * IDS_AN_INSERT} + g`
  const values = (columns.get(table) ?? []).map(({ name, type }) =>
    name === 'id' ? ids : valueOf(choose, type),
  )
  const source = `(select g::int8 as g, ${integer} as n from generate_series(1, ${rows}) g) m`
  return [plain(`insert into ${table} select ${values.join(', ')} from ${source}`)]
}
