import type {
  AlterFunctionStatement,
  CallStatement,
  CreateFunctionStatement,
  CreateMacroStatement,
  DropFunctionStatement,
  RoutineName,
  RoutineOption,
  RoutineParameter,
} from '../../../src/sql/ast/routine.ts'
import { printIdentifier, printName, printString, printType } from './name.ts'
import { expressionPrinter } from './query.ts'

type RoutineStatement =
  | CreateFunctionStatement
  | CreateMacroStatement
  | DropFunctionStatement
  | AlterFunctionStatement
  | CallStatement

/** A statement over functions, procedures or macros on one line. */
export function printRoutine(statement: RoutineStatement): string {
  switch (statement.kind) {
    case 'create-function':
      return printFunction(statement)
    case 'create-macro':
      return printMacro(statement)
    case 'drop-function': {
      const { objectKind, routines, ifExists, cascade } = statement
      const names = routines.map(printReference).join(', ')
      const exists = ifExists ? 'if exists ' : ''
      return `drop ${objectKind} ${exists}${names}${cascade ? ' cascade' : ''}`
    }
    case 'alter-function': {
      const head = `alter ${statement.objectKind} ${printReference(statement.routine)}`
      const { routineAction: action } = statement
      switch (action.kind) {
        case 'rename':
          return `${head} rename to ${printIdentifier(action.newName)}`
        case 'owner':
          return `${head} owner to ${printIdentifier(action.role)}`
        case 'set-schema':
          return `${head} set schema ${printIdentifier(action.schema)}`
        case 'options':
          return `${head} ${action.options.map(printOption).join(' ')}`
      }
      break
    }
    case 'call':
      return `call ${expressionPrinter().print(statement.call)}`
  }
  return ''
}

function printFunction(statement: CreateFunctionStatement): string {
  const { objectKind, name, orReplace, parameters, returns, options, body } = statement
  const given = parameters.filter(({ mode }) => mode !== 'table').map(printParameter)
  const columns = parameters
    .filter(({ mode }) => mode === 'table')
    .map(
      ({ name: own, type }) =>
        `${own === undefined ? '' : printIdentifier(own)} ${printType(type)}`,
    )
  const result =
    returns === undefined
      ? ''
      : returns.type === undefined
        ? ` returns table (${columns.join(', ')})`
        : ` returns ${returns.isSet ? 'setof ' : ''}${printType(returns.type)}`
  const bodies = {
    return: () => body?.text.replace(/^SELECT /, 'return '),
    atomic: () => `begin atomic ${body?.text}; end`,
  }
  const own = body === undefined ? '' : ` ${bodies[body.style]()}`
  const head = `create ${orReplace ? 'or replace ' : ''}${objectKind} ${printName(name)}`
  return `${head} (${given.join(', ')})${result} ${options.map(printOption).join(' ')}${own}`
}

function printParameter({ mode, name, type, defaultText }: RoutineParameter): string {
  const own = name === undefined ? '' : `${printIdentifier(name)} `
  const value = defaultText === undefined ? '' : ` default ${defaultText}`
  return `${mode} ${own}${printType(type)}${value}`
}

function printReference({ name, parameters }: RoutineName): string {
  if (parameters === undefined) return printName(name)
  return `${printName(name)} (${parameters.map(printParameter).join(', ')})`
}

function printOption(option: RoutineOption): string {
  switch (option.kind) {
    case 'as':
    case 'language':
      return `${option.kind} ${printString(option.value)}`
    case 'cost':
    case 'rows':
    case 'parallel':
      return `${option.kind} ${option.value}`
    case 'volatility':
    case 'window':
      return option.value
    case 'strict':
      return option.value === 'strict' ? 'strict' : 'called on null input'
    case 'security':
      return `security ${option.value}`
    case 'leakproof':
      return option.value === 'not' ? 'not leakproof' : 'leakproof'
  }
}

function printMacro(statement: CreateMacroStatement): string {
  const { name, orReplace, temporary, macroParameters, givesRows, definitionText } = statement
  const parameters = macroParameters.map(({ name: own, defaultText }) =>
    defaultText === undefined ? printIdentifier(own) : `${printIdentifier(own)} := ${defaultText}`,
  )
  const head = `create ${orReplace ? 'or replace ' : ''}${temporary ? 'temp ' : ''}macro`
  const body = `${givesRows ? 'table ' : ''}${definitionText}`
  return `${head} ${printName(name)} (${parameters.join(', ')}) as ${body}`
}
