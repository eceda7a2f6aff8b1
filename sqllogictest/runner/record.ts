/** `skipif name` or `onlyif name` before a record. */
export interface Condition {
  readonly only: boolean
  readonly engine: string
}

export type SortMode = 'nosort' | 'rowsort' | 'valuesort'

/** What an expected error must match; each part only when it is given. */
export interface ExpectedError {
  readonly sqlState: string | undefined
  readonly pattern: RegExp | undefined
}

interface RecordBase {
  /** Of the record's first line, from 1. */
  readonly line: number
  readonly conditions: readonly Condition[]
}

export interface StatementRecord extends RecordBase {
  readonly kind: 'statement'
  readonly sql: string
  /** `maybe` may fail or not. */
  readonly expect: 'ok' | 'maybe' | ExpectedError
}

export interface QueryRecord extends RecordBase {
  readonly kind: 'query'
  readonly sql: string
  /** One letter a column: I, R, T and whatever else a suite uses. */
  readonly types: string
  readonly sort: SortMode
  readonly label: string | undefined
  readonly expect: readonly string[] | ExpectedError
}

export interface HaltRecord extends RecordBase {
  readonly kind: 'halt'
}

/** From this many values on (0: never) a result may be given as a hash. */
export interface HashThresholdRecord extends RecordBase {
  readonly kind: 'hash-threshold'
  readonly valuesMax: number
}

/** `control sortmode rowsort` and the like; unknown ones change nothing. */
export interface ControlRecord extends RecordBase {
  readonly kind: 'control'
  readonly name: string
  readonly value: string
}

/** Something of another dialect that is not run; `scope` says how much of the file goes with it. */
export interface UnsupportedRecord extends RecordBase {
  readonly kind: 'unsupported'
  readonly reason: string
  readonly scope: 'record' | 'file'
}

export type SltRecord =
  | StatementRecord
  | QueryRecord
  | HaltRecord
  | HashThresholdRecord
  | ControlRecord
  | UnsupportedRecord

export function isExpectedError(expect: unknown): expect is ExpectedError {
  return typeof expect === 'object' && expect !== null && 'sqlState' in expect
}
