import type { CharacterSet } from '../character-set.ts'

/** A regular expression as written, whatever its syntax; what runs it knows no syntax. */
export type Tree = Empty | Characters | Place | Look | Group | Back | Repeat | Sequence | Choice

/** A place that is a match of its own: nothing is there to be consumed. */
export interface Empty {
  readonly kind: 'empty'
}

/** Any one character of a set; both cases are in the set where case does not matter. */
export interface Characters {
  readonly kind: 'characters'
  readonly set: CharacterSet
}

export type PlaceName =
  | 'text-start'
  | 'text-end'
  | 'line-start'
  | 'line-end'
  | 'word-start'
  | 'word-end'
  | 'word-edge'
  | 'word-inside'

/** A condition on the characters around a place. */
export interface Place {
  readonly kind: 'place'
  readonly name: PlaceName
}

/** A condition: what is ahead (or behind) does match, or does not. */
export interface Look {
  readonly kind: 'look'
  readonly ahead: boolean
  readonly negative: boolean
  readonly body: Tree
}

/** Parentheses; `capture` is the group's number, 0 for none. */
export interface Group {
  readonly kind: 'group'
  readonly capture: number
  readonly body: Tree
}

/** The text of a group again. */
export interface Back {
  readonly kind: 'back'
  readonly group: number
  /** What the group may match, to know where the text may be found again. */
  readonly body: Tree
}

/** Which match a quantifier asks for; `inherit` is {m}, which passes on its operand's. */
export type Preference = 'longest' | 'shortest' | 'inherit'

export interface Repeat {
  readonly kind: 'repeat'
  readonly body: Tree
  readonly min: number
  /** Infinity without an upper bound. */
  readonly max: number
  readonly prefer: Preference
}

/** One behind the other. */
export interface Sequence {
  readonly kind: 'sequence'
  readonly items: readonly Tree[]
}

/** Two or more branches. */
export interface Choice {
  readonly kind: 'choice'
  readonly branches: readonly Tree[]
}

/** What the options of a pattern say; PostgreSQL's manual, table 9.24. */
export interface Options {
  /** advanced (ARE), extended (ERE), basic (BRE), or plain text. */
  readonly syntax: 'advanced' | 'extended' | 'basic' | 'literal'
  readonly ignoreCase: boolean
  /** Whitespace and comments in the pattern do not count. */
  readonly expanded: boolean
  /** A line break is not matched by . and by [^...]. */
  readonly newlineStops: boolean
  /** ^ and $ match at line breaks, too. */
  readonly newlineAnchors: boolean
}

/** A pattern read: its tree, how many groups it has, and whether case matters in back references. */
export interface Pattern {
  readonly tree: Tree
  readonly groups: number
  readonly ignoreCase: boolean
  readonly hasBackReferences: boolean
}
