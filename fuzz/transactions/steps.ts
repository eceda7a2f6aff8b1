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

/** Keys are so few that they meet, and so many that most rows are taken. */
const KEYS_MAX = 30
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

export function randomSteps(choose: Chooser): readonly Step[] {
  let session = 0
  return choose.some(STEPS_MIN, STEPS_MAX, () => {
    if (!choose.chance(STAY_CHANCE)) session = choose.between(0, SESSIONS - 1)
    return { session, ...action(choose) }
  })
}

function action(choose: Chooser): Omit<Step, 'session'> {
  if (choose.chance(0.01)) return { kind: 'leave', text: '' }
  if (choose.chance(0.08)) return { kind: 'prepared', text: read(choose) }
  if (choose.chance(0.07)) {
    const texts = choose.some(2, 3, () => (choose.chance(0.1) ? control(choose) : work(choose)))
    return { kind: 'query', text: texts.join('; ') }
  }
  return { kind: 'query', text: choose.chance(0.25) ? control(choose) : work(choose) }
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

function work(choose: Chooser): string {
  const kind = choose.between(1, 100)
  if (kind <= 42) return insert(choose)
  if (kind <= 82) return read(choose)
  if (kind <= 94) return definition(choose)
  if (kind <= 98) return setting(choose)
  return choose.pick([
    'select 1/0 as q',
    "select 'x'::int as q",
    'selec 1',
    'select * from nowhere',
  ])
}

function insert(choose: Chooser): string {
  const into = choose.pick(['a', 'a', 'b', 'b', 'c'] as const)
  const from = choose.pick(readable)
  const key = (): string => String(choose.between(0, KEYS_MAX))
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
  const from = choose.pick(readable)
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
