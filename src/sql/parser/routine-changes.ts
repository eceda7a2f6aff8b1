import type {
  AlterFunctionAction,
  AlterFunctionStatement,
  CallStatement,
  CreateMacroStatement,
  DropFunctionStatement,
  MacroParameter,
  RoutineKind,
  RoutineName,
} from '../ast/routine.ts'
import type { CreateHead } from './create-head.ts'
import { commaList, type TokenCursor } from './cursor.ts'
import { parseApplication } from './function-call.ts'
import { isTypeOrFunctionName, parseName, takeIdentifier } from './name.ts'
import { parseRole } from './role.ts'
import { expressionText, parseParameters, parseParameterType, parseRoutineName } from './routine.ts'
import { parseRoutineOptions } from './routine-options.ts'

const routineKinds: ReadonlyMap<string, RoutineKind> = new Map([
  ['function', 'function'],
  ['procedure', 'procedure'],
  ['routine', 'routine'],
  ['aggregate', 'aggregate'],
  ['macro', 'macro'],
])

/** The kind of routine that a word names. */
export function routineKind(word: string): RoutineKind | undefined {
  return routineKinds.get(word)
}

/** DROP (FUNCTION | PROCEDURE | ROUTINE | MACRO) (IF EXISTS)? routines (CASCADE | RESTRICT)? */
export function parseDropFunction(
  cursor: TokenCursor,
  objectKind: RoutineKind,
): DropFunctionStatement {
  const { start } = cursor.expect('drop')
  cursor.advance()
  if (objectKind === 'macro') cursor.accept('table')
  const ifExists = cursor.acceptAll('if', 'exists')
  const routines = commaList(cursor, parseRoutine)
  const cascade = cursor.accept('cascade')
  if (!cascade) cursor.accept('restrict')
  const span = cursor.spanFrom(start)
  return { kind: 'drop-function', objectKind, routines, ifExists, cascade, span }
}

/** func_name parameters? */
function parseRoutine(cursor: TokenCursor): RoutineName {
  const { start } = cursor.current
  const name = parseRoutineName(cursor)
  const parameters = cursor.at('(') ? parseParameters(cursor, parseParameterType) : undefined
  return { name, parameters, span: cursor.spanFrom(start) }
}

/** ALTER (FUNCTION | PROCEDURE | ROUTINE) routine action */
export function parseAlterFunction(
  cursor: TokenCursor,
  objectKind: AlterFunctionStatement['objectKind'],
): AlterFunctionStatement {
  const { start } = cursor.expect('alter')
  cursor.advance()
  const routine = parseRoutine(cursor)
  const routineAction = parseAction(cursor)
  const span = cursor.spanFrom(start)
  return { kind: 'alter-function', objectKind, routine, routineAction, span }
}

/** RENAME TO name | OWNER TO role | SET SCHEMA name | options RESTRICT? */
function parseAction(cursor: TokenCursor): AlterFunctionAction {
  if (cursor.acceptAll('rename', 'to')) return { kind: 'rename', newName: parseName(cursor) }
  if (cursor.acceptAll('owner', 'to')) return { kind: 'owner', role: parseRole(cursor) }
  if (cursor.acceptAll('set', 'schema')) return { kind: 'set-schema', schema: parseName(cursor) }
  const options = parseRoutineOptions(cursor)
  if (options.length === 0) throw cursor.syntaxError('what to alter')
  cursor.accept('restrict')
  return { kind: 'options', options }
}

/** CALL func_application */
export function parseCall(cursor: TokenCursor): CallStatement {
  const { start } = cursor.expect('call')
  const call = parseApplication(cursor, parseRoutineName(cursor))
  return { kind: 'call', call, span: cursor.spanFrom(start) }
}

/** Extension: MACRO func_name '(' (parameter (',' parameter)*)? ')' AS (TABLE query | a_expr) */
export function parseCreateMacro(
  cursor: TokenCursor,
  { start, orReplace, temporary }: CreateHead,
): CreateMacroStatement {
  const name = parseRoutineName(cursor)
  cursor.expect('(')
  const macroParameters = cursor.at(')') ? [] : commaList(cursor, parseMacroParameter)
  cursor.expectAll(')', 'as')
  const givesRows = cursor.accept('table')
  const from = cursor.current.start
  const definition = givesRows
    ? cursor.productions.query(cursor)
    : cursor.productions.expression(cursor)
  const definitionText = cursor.text.slice(from, cursor.lastEnd)
  return {
    kind: 'create-macro',
    name,
    orReplace,
    temporary,
    macroParameters,
    definition,
    givesRows,
    definitionText,
    span: cursor.spanFrom(start),
  }
}

/** name (':=' a_expr)? */
function parseMacroParameter(cursor: TokenCursor): MacroParameter {
  if (!isTypeOrFunctionName(cursor.current)) throw cursor.syntaxError('a name')
  const name = takeIdentifier(cursor)
  const defaultText = cursor.accept(':=') ? expressionText(cursor) : undefined
  return { name, defaultText }
}
