import type { DataType } from './data-type.ts'
import type { OtherName } from './declared-type.ts'

export interface Field {
  readonly name: string
  readonly type: DataType
  /** False only where NULL cannot occur. */
  readonly nullable: boolean
  /** Of a column declared varchar(n) or char(n): a longer text is refused when it is stored. */
  readonly lengthLimit?: LengthLimit
  /** Of a numeric with more declared digits than decimals have: what is stored is rounded, and checked. */
  readonly digitLimit?: DigitLimit
  /** Of a column declared timestamp(p), interval year and the like: what its values keep. */
  readonly timeLimit?: TimeLimit
  /** Declared as a type that is text to us, for clients. */
  readonly declared?: 'varchar' | OtherName
  /** Of a decimal: its digits are not declared but what a query came to. */
  readonly computed?: boolean
}

/** numeric(p, s) beyond what decimals have: of over 38 digits, or a scale that is negative or above the precision. */
export interface DigitLimit {
  readonly precision: number
  readonly scale: number
}

export interface LengthLimit {
  readonly type: 'varchar' | 'bpchar' | 'bit' | 'varbit'
  /** At least 1. */
  readonly charactersMax: number
}

export interface TimeLimit {
  /** Digits of seconds, 0 to 5. */
  readonly digits?: number
  /** `day to hour`: parts of intervals below the last one are cut off. */
  readonly fields?: string
}

/** The columns of a table or result, in order. */
export type Schema = readonly Field[]
