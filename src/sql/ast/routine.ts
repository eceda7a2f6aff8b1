import type { Span } from '../../base/span.ts'
import type {
  AstExpression,
  AstFunction,
  Identifier,
  QualifiedName,
  TypeName,
} from './expression.ts'
import type { SelectStatement } from './select.ts'

interface StatementBase {
  readonly span: Span
}

/** CREATE FUNCTION | PROCEDURE name (parameters) RETURNS type options */
export interface CreateFunctionStatement extends StatementBase {
  readonly kind: 'create-function'
  readonly objectKind: 'function' | 'procedure'
  readonly name: QualifiedName
  readonly orReplace: boolean
  /** Those of RETURNS TABLE are the last. */
  readonly parameters: readonly RoutineParameter[]
  readonly returns: RoutineResult | undefined
  readonly options: readonly RoutineOption[]
  /** In the statement itself; undefined where it is a string of the options. */
  readonly body: RoutineBody | undefined
}

export interface RoutineParameter {
  readonly mode: 'in' | 'out' | 'inout' | 'variadic' | 'table'
  readonly name: Identifier | undefined
  readonly type: TypeName
  /** The expression of DEFAULT exactly as written. */
  readonly defaultText: string | undefined
  readonly span: Span
}

export interface RoutineResult {
  /** Undefined for RETURNS TABLE, whose columns are parameters. */
  readonly type: TypeName | undefined
  readonly isSet: boolean
  readonly span: Span
}

/** RETURN expr, or BEGIN ATOMIC statements END. */
export interface RoutineBody {
  readonly style: 'return' | 'atomic'
  /** Statements that mean the same, as written: a query in place of RETURN. */
  readonly text: string
  readonly span: Span
}

export type RoutineOption = RoutineChoice | RoutineText | RoutineNumber

/** Words that say one thing or another. */
export interface RoutineChoice {
  readonly kind: 'volatility' | 'strict' | 'security' | 'leakproof' | 'parallel' | 'window'
  readonly value: string
  readonly span: Span
}

export interface RoutineText {
  readonly kind: 'as' | 'language'
  readonly value: string
  readonly span: Span
}

export interface RoutineNumber {
  readonly kind: 'cost' | 'rows'
  readonly value: number
  readonly span: Span
}

export type RoutineKind = 'function' | 'procedure' | 'routine' | 'aggregate' | 'macro'

/** A routine as DROP and ALTER name it; without parameters where there is one of the name only. */
export interface RoutineName {
  readonly name: QualifiedName
  readonly parameters: readonly RoutineParameter[] | undefined
  readonly span: Span
}

/** DROP FUNCTION | PROCEDURE | ROUTINE | AGGREGATE | MACRO names */
export interface DropFunctionStatement extends StatementBase {
  readonly kind: 'drop-function'
  readonly objectKind: RoutineKind
  readonly routines: readonly RoutineName[]
  readonly ifExists: boolean
  readonly cascade: boolean
}

/** ALTER FUNCTION | PROCEDURE | ROUTINE name action */
export interface AlterFunctionStatement extends StatementBase {
  readonly kind: 'alter-function'
  readonly objectKind: Exclude<RoutineKind, 'macro'>
  readonly routine: RoutineName
  readonly routineAction: AlterFunctionAction
}

export type AlterFunctionAction =
  | { readonly kind: 'rename'; readonly newName: Identifier }
  | { readonly kind: 'owner'; readonly role: Identifier }
  | { readonly kind: 'set-schema'; readonly schema: Identifier }
  | { readonly kind: 'options'; readonly options: readonly RoutineOption[] }

/** CALL procedure (arguments) */
export interface CallStatement extends StatementBase {
  readonly kind: 'call'
  readonly call: AstFunction
}

/** Extension: CREATE MACRO name (a, b := 1) AS expr | AS TABLE query */
export interface CreateMacroStatement extends StatementBase {
  readonly kind: 'create-macro'
  readonly name: QualifiedName
  readonly orReplace: boolean
  readonly temporary: boolean
  readonly macroParameters: readonly MacroParameter[]
  readonly definition: AstExpression | SelectStatement
  readonly givesRows: boolean
  /** The expression or query exactly as written. */
  readonly definitionText: string
}

export interface MacroParameter {
  readonly name: Identifier
  readonly defaultText: string | undefined
}
