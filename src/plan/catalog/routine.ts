import type { DataType } from '../../data/types/data-type.ts'
import type { EntryName } from './entry-name.ts'

/**
 * A function, procedure or macro that a statement has made. Plain data: the body is kept as its text and bound anew at
 * each use.
 */
export interface RoutineEntry {
  readonly kind: 'function'
  readonly routine: 'function' | 'procedure' | 'macro'
  readonly schema: string
  readonly name: string
  /** pg_proc.oid, of its own in a database. It stays when the function is replaced, renamed or moved. */
  readonly id: number
  readonly parameters: readonly Parameter[]
  readonly returns: RoutineType
  readonly returnsSet: boolean
  readonly body: RoutineText
  readonly volatility: 'immutable' | 'stable' | 'volatile'
  /** NULL for an argument that is NULL, without a call. */
  readonly strict: boolean
  readonly leakproof: boolean
  readonly securityDefiner: boolean
  readonly parallel: 'safe' | 'restricted' | 'unsafe'
  /** What a call costs, and how many rows a set is expected to have, as they were declared. */
  readonly cost: number
  readonly rows: number
  /** Whose body was read when it was made: what stands in it cannot be dropped while it is there. */
  readonly dependsOn: readonly EntryName[]
  /** Ids of the functions that such a body calls. */
  readonly functions: readonly number[]
  /** Where names without a schema lead in such a body, whatever the search path of its callers. */
  readonly searchPath?: readonly string[]
}

export interface Parameter {
  readonly name: string | undefined
  readonly mode: 'in' | 'out' | 'inout' | 'variadic' | 'table'
  /** Of a macro's it is of no consequence. */
  readonly type: RoutineType
  /** The expression for a call that gives none, as text. */
  readonly defaultText: string | undefined
}

export interface RoutineText {
  /** How it was written: a string; RETURN; BEGIN ATOMIC ... END; an expression or a query of a macro. */
  readonly style: 'string' | 'return' | 'atomic' | 'expression' | 'query'
  readonly text: string
}

/** What a function takes or gives. */
export type RoutineType =
  | { readonly kind: 'plain'; readonly type: DataType; readonly shown: string }
  /** Rows of a table or view. */
  | { readonly kind: 'row'; readonly schema: string; readonly name: string }
  | { readonly kind: 'polymorphic'; readonly name: PolymorphicName }
  | { readonly kind: 'record' }
  | { readonly kind: 'void' }

export const polymorphicNames = [
  'anyelement',
  'anyarray',
  'anynonarray',
  'anyenum',
  'anyrange',
  'anymultirange',
  'anycompatible',
  'anycompatiblearray',
  'anycompatiblenonarray',
  'anycompatiblerange',
  'anycompatiblemultirange',
] as const

export type PolymorphicName = (typeof polymorphicNames)[number]

/** The name of a type as messages and pg_get_function_arguments have it. */
export function shownRoutineType(type: RoutineType): string {
  switch (type.kind) {
    case 'plain':
      return type.shown
    case 'row':
      return type.schema === 'public' ? type.name : `${type.schema}.${type.name}`
    case 'polymorphic':
      return type.name
    case 'record':
    case 'void':
      return type.kind
  }
}

/** The parameters that a call gives values to. */
export function inputsOf({ parameters }: Pick<RoutineEntry, 'parameters'>): readonly Parameter[] {
  return parameters.filter(({ mode }) => mode !== 'out' && mode !== 'table')
}

/** The parameters that results come by. */
export function outputsOf({ parameters }: Pick<RoutineEntry, 'parameters'>): readonly Parameter[] {
  return parameters.filter(({ mode }) => mode !== 'in' && mode !== 'variadic')
}

/** The types of its inputs, which tell functions of one name apart. */
export function signatureOf(entry: Pick<RoutineEntry, 'parameters'>): string {
  return inputsOf(entry)
    .map(({ type }) => shownRoutineType(type))
    .join(', ')
}

/** `f(integer, text)` */
export function shownRoutine(entry: Pick<RoutineEntry, 'name' | 'parameters'>): string {
  return `${entry.name}(${signatureOf(entry).replaceAll(', ', ',')})`
}
