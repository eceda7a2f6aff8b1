/** A path of SQL/JSON as it was read. */
export interface JsonPath {
  readonly isStrict: boolean
  readonly root: PathItem
}

/** A step and those that follow on what it gives. */
export interface PathItem {
  readonly step: PathStep
  readonly next?: PathItem | undefined
}

export type PathStep = ValueStep | AccessStep | ArithmeticStep | PredicateStep

export type ValueStep =
  | { readonly kind: 'null' | 'root' | 'current' | 'last' }
  | { readonly kind: 'boolean'; readonly value: boolean }
  /** A number as numeric writes it. */
  | { readonly kind: 'number'; readonly digits: string }
  | { readonly kind: 'string'; readonly text: string }
  | { readonly kind: 'variable'; readonly name: string }

export type AccessStep =
  | { readonly kind: 'member'; readonly name: string }
  | { readonly kind: 'any member' | 'any item' }
  | { readonly kind: 'items'; readonly ranges: readonly ItemRange[] }
  /** What lies from one to another level deeper. */
  | { readonly kind: 'levels'; readonly first: Level; readonly last: Level }
  | { readonly kind: 'filter'; readonly condition: PathItem }
  | { readonly kind: 'method'; readonly name: Method }
  | { readonly kind: 'datetime'; readonly template: string | undefined }

export interface ItemRange {
  readonly from: PathItem
  readonly to: PathItem | undefined
}

/** A number of levels, or the leaves. */
export type Level = number | 'last'

export const methods = ['type', 'size', 'abs', 'floor', 'ceiling', 'double', 'keyvalue'] as const
export type Method = (typeof methods)[number]

export type ArithmeticStep =
  | {
      readonly kind: 'arithmetic'
      readonly operator: ArithmeticOperator
      readonly left: PathItem
      readonly right: PathItem
    }
  | { readonly kind: 'sign'; readonly operator: '+' | '-'; readonly operand: PathItem }

export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%'

export type PredicateStep =
  | { readonly kind: 'and' | 'or'; readonly left: PathItem; readonly right: PathItem }
  | { readonly kind: 'not' | 'is unknown' | 'exists'; readonly operand: PathItem }
  | {
      readonly kind: 'comparison'
      readonly operator: PathComparison
      readonly left: PathItem
      readonly right: PathItem
    }
  | { readonly kind: 'starts with'; readonly left: PathItem; readonly right: PathItem }
  | {
      readonly kind: 'like_regex'
      readonly operand: PathItem
      readonly pattern: string
      /** Letters, each once, in the order in which they are printed. */
      readonly flags: string
    }

export type PathComparison = '==' | '!=' | '<' | '<=' | '>' | '>='

const predicates: ReadonlySet<PathStep['kind']> = new Set([
  'and',
  'or',
  'not',
  'is unknown',
  'exists',
  'comparison',
  'starts with',
  'like_regex',
] as const)

/** Whether a step says true, false or unknown. */
export function isPredicate(step: PathStep): step is PredicateStep {
  return predicates.has(step.kind)
}
