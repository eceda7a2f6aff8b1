/** What the server process tells each second. */
export interface ServerReport {
  readonly kind: 'server'
  /** Times of `select 1` from when it was due until it was answered, in milliseconds. */
  readonly probesMs: readonly number[]
  readonly rssBytes: number
  /** Of JavaScript's heap, as the system sees it, and of buffers beside it. */
  readonly jsBytes: number
  readonly heapBytes: number
  /** Up to the highest address that was ever used. */
  readonly touchedBytes: number
}

/** The first message of the server process. */
export interface ServerReady {
  readonly kind: 'ready'
  readonly port: number
}

/** A statement that ran out of memory, with what it takes to ask the same of a fresh engine. */
export interface OutOfMemoryCase {
  readonly statement: string
  /** Statements that make the tables of that moment. */
  readonly tables: readonly string[]
}

/** What the load process tells in the end, and each second without the cases. */
export interface LoadReport {
  readonly kind: 'load'
  readonly actions: Readonly<Record<string, number>>
  readonly errors: Readonly<Record<string, number>>
  readonly wrong: readonly string[]
  readonly outOfMemory: readonly OutOfMemoryCase[]
  readonly isLast: boolean
}

/** What the load process is told to do. */
export interface LoadOptions {
  readonly port: number
  readonly seconds: number
  readonly sessions: number
  readonly seed: number
}

/** The table that all sessions read: `k` from 0 on. */
export const SHARED_ROWS = 1_000_000

export const sharedTables: readonly string[] = [
  'create table digits as select * from (values (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) v(d)',
  'create table hundred as select a.d * 10 + b.d as n from digits a, digits b',
  'create table thousand as select a.n * 10 + b.d as n from hundred a, digits b',
  `create table shared as select a.n * 1000 + b.n as k, (a.n * 1000 + b.n) % 17 as g,
    'text ' || (a.n * 7 + b.n) % 1000 as s from thousand a, thousand b`,
]
