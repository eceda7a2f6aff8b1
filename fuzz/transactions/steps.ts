import type { Chooser } from '../chooser.ts'

/** What a session is asked to do next. */
export interface Step {
  readonly session: number
  /** `leave`: the client goes without a word, and another one comes in its place. */
  readonly kind: 'query' | 'prepared' | 'leave'
  readonly text: string
}

export const SESSIONS = 3
/** All that steps make has one of these names. */
export const relationNames = ['a', 'b', 'c', 'v', 'w'] as const

const tables = ['a', 'b', 'c'] as const
const views = ['v', 'w'] as const
const readable = ['a', 'a', 'b', 'b', 'c', 'v', 'w'] as const
const indexes = ['i', 'j'] as const
const levels = [
  'read committed',
  'repeatable read',
  'repeatable read',
  'serializable',
  'read uncommitted',
] as const
const modes = ['', '', '', '', '', ' read only', ' read write'] as const
const columns = [
  "k int primary key, s text default 'd'",
  'k int, s text',
  's text, k int not null',
  'k int check (k < 8), s text',
  'k int, s text, unique (k, s)',
  'k bigint unique, s varchar(3)',
] as const

const STEPS_MIN = 6
const STEPS_MAX = 40
/** How likely a session goes on with what it began, so that transactions do more than begin. */
const STAY_CHANCE = 0.4

/** What every sequence begins with. */
export const preparation: readonly string[] = [
  "create table a (k int primary key, s text default 'd')",
  'create table b (k int, s text)',
  "insert into a values (1, 'one'), (2, 'two')",
  "insert into b values (2, 'zwei'), (3, null)",
  "create table c (k int check (k < 25), s text default 'c')",
  'create view v as select k, s from a',
  'create view w as select count(*) as k, min(s) as s from b',
]

/** How many of a hundred steps are of which kind; what is left over are errors. */
interface Shares {
  readonly insert: number
  readonly read: number
  readonly definition: number
  readonly setting: number
  /** So few that keys meet; or so many that most rows are taken. */
  readonly keysMax: number
}

/** Sequences are about something, so that what is rare in most of them meets itself in others. */
const usual: Shares = { insert: 42, read: 40, definition: 12, setting: 4, keysMax: 30 }
const themes: readonly Shares[] = [
  usual,
  usual,
  usual,
  usual,
  { insert: 8, read: 8, definition: 4, setting: 78, keysMax: 30 },
  { insert: 24, read: 32, definition: 40, setting: 2, keysMax: 30 },
  { insert: 72, read: 24, definition: 2, setting: 0, keysMax: 8 },
  { insert: 72, read: 24, definition: 2, setting: 0, keysMax: 8 },
]

export function randomSteps(choose: Chooser): readonly Step[] {
  let session = 0
  const shares = choose.pick(themes)
  return choose.some(STEPS_MIN, STEPS_MAX, () => {
    if (!choose.chance(STAY_CHANCE)) session = choose.between(0, SESSIONS - 1)
    return { session, ...action(choose, shares) }
  })
}

function action(choose: Chooser, shares: Shares): Omit<Step, 'session'> {
  if (choose.chance(0.01)) return { kind: 'leave', text: '' }
  if (choose.chance(0.08)) return { kind: 'prepared', text: read(choose) }
  if (choose.chance(0.07)) {
    const texts = choose.some(2, 3, () =>
      choose.chance(0.1) ? control(choose) : work(choose, shares),
    )
    return { kind: 'query', text: texts.join('; ') }
  }
  return { kind: 'query', text: choose.chance(0.25) ? control(choose) : work(choose, shares) }
}

/** Whether a text says where transactions begin or end. */
export function hasControl(text: string): boolean {
  return /\b(?:begin|start|commit|rollback|end|abort|set transaction)\b/.test(text)
}

function control(choose: Chooser): string {
  const level = choose.pick(levels)
  return choose.pick([
    'begin',
    `begin isolation level ${level}${choose.pick(modes)}`,
    `start transaction isolation level ${level}`,
    `begin${choose.pick(modes)}`,
    `set transaction isolation level ${level}`,
    'commit',
    'commit',
    'end',
    'rollback',
    'abort',
  ])
}

function work(choose: Chooser, shares: Shares): string {
  let kind = choose.between(1, 100)
  if (kind <= shares.insert) return insert(choose, shares.keysMax)
  kind -= shares.insert
  if (kind <= shares.read) return read(choose)
  kind -= shares.read
  if (kind <= shares.definition) return definition(choose)
  kind -= shares.definition
  if (kind <= shares.setting) return setting(choose)
  return choose.pick([
    'select 1/0 as q',
    "select 'x'::int as q",
    'selec 1',
    'select * from nowhere',
  ])
}

function insert(choose: Chooser, keysMax: number): string {
  const into = choose.pick(['a', 'a', 'b', 'b', 'c'] as const)
  const from = choose.pick(readable)
  const key = (): string => String(choose.between(0, keysMax))
  const text = (): string => choose.pick(["'x'", "'yy'", 'null', 'default'])
  const row = (): string => `(${key()}, ${text()})`
  return choose.pick([
    () => `insert into ${into} (k, s) values ${row()}`,
    () => `insert into ${into} (k, s) values ${choose.some(2, 4, row).join(', ')}`,
    () => `insert into ${into} (k) values (${key()})`,
    () => `insert into ${into} (k, s) values (1 / (select 0), 'z'), ${row()}`,
    () => `insert into ${into} (k, s) select k + ${key()}, s from ${from}`,
    () => `insert into ${into} (k, s) select k, s from ${from} where k > ${key()}`,
    () => `insert into ${into} (k) select max(k) + 1 from ${into}`,
    () => `insert into ${into} (k, s) select n, 'many' from (values (20), (21), (22)) m (n)`,
  ])()
}

function read(choose: Chooser): string {
  const from = choose.pick(readable)
  const other = choose.pick(readable)
  const key = choose.between(0, 9)
  return choose.pick([
    `select * from ${from}`,
    `select k, s from ${from} where k >= ${key}`,
    `select count(*) as n, sum(k) as t, min(s) as m from ${from}`,
    `select s, count(*) as n from ${from} group by s`,
    `select x.k, y.s from ${from} x join ${other} y on x.k = y.k`,
    `select x.k, y.s from ${from} x left join ${other} y using (k)`,
    `select (select max(k) from ${from}) as m, exists (select from ${other} where k = ${key}) as e`,
    `select k from ${from} union select k from ${other}`,
    `select k from ${from} where k not in (select k from ${other} where k is not null)`,
  ])
}

function definition(choose: Chooser): string {
  const table = choose.pick(tables)
  const view = choose.pick(views)
  // No view comes to read itself: PostgreSQL says so when it is read, we when another is made of it.
  const from = choose.pick(view === 'v' ? ([...tables, 'w'] as const) : tables)
  const index = choose.pick(indexes)
  const temporary = choose.pick(['', '', '', 'temp '])
  const ifExists = choose.pick(['', 'if exists '])
  const cascade = choose.pick(['', '', ' cascade'])
  return choose.pick([
    `create ${temporary}table ${table} (${choose.pick(columns)})`,
    `create ${temporary}table ${table} (${choose.pick(columns)})`,
    `create table if not exists ${table} (${choose.pick(columns)})`,
    `create ${temporary}table ${table} as select k, s from ${from}`,
    `drop table ${ifExists}${table}${cascade}`,
    `drop table ${ifExists}${table}${cascade}`,
    `drop table if exists a, b, c${cascade}`,
    `create ${temporary}view ${view} as select k, s from ${from}`,
    `create or replace view ${view} as select k, s from ${from}`,
    `create ${temporary}view ${view} as select count(*) as k, min(s) as s from ${from}`,
    `drop view ${ifExists}${view}${cascade}`,
    `create unique index ${index} on ${table} (k)`,
    `drop index ${ifExists}${index}`,
  ])
}

function setting(choose: Chooser): string {
  const value = choose.pick(["'x'", "'y'", "'z'"])
  return choose.pick([
    `set application_name to ${value}`,
    `set local application_name to ${value}`,
    `select set_config('application_name', ${value}, true) as q`,
    'reset application_name',
    'show application_name',
    'show transaction_isolation',
    'show transaction_read_only',
  ])
}
