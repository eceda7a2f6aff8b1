import { unreachable } from '../../src/base/assert.ts'
import type { AstExpression } from '../../src/sql/ast/expression.ts'
import type {
  CreateIndexStatement,
  CreateTableStatement,
  LikeClause,
  OnCommit,
  ExplainStatement,
  OptionValue,
  SetStatement,
  ShowStatement,
  Statement,
  StatementOption,
} from '../../src/sql/ast/statement.ts'
import {
  printColumnNames,
  printIdentifier,
  printName,
  printString,
  printType,
  printWord,
} from './printer/name.ts'
import { printCopy } from './printer/copy.ts'
import { printRoutine } from './printer/routine.ts'
import {
  printAlter,
  printAlterSchema,
  printAlterType,
  printAttribute,
  printColumn,
  printConstraint,
  printSequenceOption,
} from './printer/definitions.ts'
import { printCursor, printExecute } from './printer/session.ts'
import { expressionPrinter, printChange, printMerge, printQuery } from './printer/query.ts'

/** SQL on one line that parses to the same tree, spans aside. */
export function printExpression(expr: AstExpression): string {
  return expressionPrinter().print(expr)
}

/**
 * SQL on one line that parses to the same tree, spans aside; of an unsupported statement only its
 * name is known.
 */
export function printStatement(statement: Statement): string {
  switch (statement.kind) {
    case 'select':
      return printQuery(statement)
    case 'explain':
      return printExplain(statement)
    case 'insert':
    case 'update':
    case 'delete':
      return printChange(statement)
    case 'merge':
      return printMerge(statement)
    case 'prepare': {
      const { name, types } = statement
      const list = types.length === 0 ? '' : ` (${types.map(printType).join(', ')})`
      return `prepare ${printIdentifier(name)}${list} as ${printStatement(statement.statement)}`
    }
    case 'execute':
      return printExecute(statement)
    case 'declare':
    case 'fetch':
    case 'close':
      return printCursor(statement)
    case 'create-function':
    case 'create-macro':
    case 'drop-function':
    case 'alter-function':
    case 'call':
      return printRoutine(statement)
    case 'copy':
      return printCopy(statement)
    case 'truncate':
      return `truncate ${statement.tables.map(printName).join(', ')}${statement.restartIdentity ? ' restart identity' : ''}${statement.cascade ? ' cascade' : ''}`
    case 'refresh': {
      const how = statement.concurrently ? 'concurrently ' : ''
      const data = statement.withData ? '' : ' with no data'
      return `refresh materialized view ${how}${printName(statement.name)}${data}`
    }
    case 'maintain': {
      const { command, isFull, analyzes, tables } = statement
      const list = tables.map((one) => `${printName(one.name)}${printColumnNames(one.columns)}`)
      const also = command === 'vacuum' && analyzes ? ' analyze' : ''
      return `${command}${isFull ? ' full' : ''}${also} ${list.join(', ')}`
    }
    case 'lock':
      return `lock table ${statement.tables.map(printName).join(', ')} in ${statement.mode} mode`
    case 'drop': {
      const names = statement.names.map(printName).join(', ')
      const exists = statement.ifExists ? 'if exists ' : ''
      const cascade = statement.cascade ? ' cascade' : ''
      return `drop ${statement.objectKind} ${exists}${names}${cascade}`
    }
    case 'show':
      return printShow(statement)
    case 'describe': {
      const name = printName(statement.name)
      return statement.objectKind === 'model' ? `describe model ${name}` : `describe table ${name}`
    }
    case 'set':
      return printSet(statement)
    case 'transaction':
      return `${statement.action === 'start' ? 'start transaction' : statement.action} ${statement.modes}`
    case 'savepoint': {
      const words = { set: 'savepoint', release: 'release', rollback: 'rollback to' }
      return `${words[statement.action]} ${printIdentifier(statement.name)}`
    }
    case 'checkpoint':
      return 'checkpoint'
    case 'discard':
      return `discard ${statement.what}`
    case 'deallocate':
      return `deallocate ${statement.name === undefined ? 'all' : printIdentifier(statement.name)}`
    case 'alter-schema':
      return printAlterSchema(statement)
    case 'alter-type':
      return printAlterType(statement)
    case 'alter':
      return printAlter(statement)
    case 'unsupported':
      return statement.what.toLowerCase()
    default:
      return printCreate(statement)
  }
}

function printOnCommit(onCommit: OnCommit | undefined): string {
  if (onCommit === undefined) return ''
  return ` on commit ${onCommit}${onCommit === 'drop' ? '' : ' rows'}`
}

type CreateStatement = Exclude<
  Extract<Statement, { kind: `create-${string}` }>,
  { kind: 'create-function' | 'create-macro' }
>

function printCreate(statement: CreateStatement): string {
  const exists = 'ifNotExists' in statement && statement.ifNotExists ? 'if not exists ' : ''
  const replace = 'orReplace' in statement && statement.orReplace ? 'or replace ' : ''
  const temporary = 'temporary' in statement && statement.temporary ? 'temporary ' : ''
  const create = `create ${replace}${temporary}`
  switch (statement.kind) {
    case 'create-table':
      return `${create}table ${exists}${printName(statement.name)} ${printElements(statement)}${printOnCommit(statement.onCommit)}`
    case 'create-table-from': {
      const { columns } = statement
      const list = columns.length === 0 ? '' : ` (${columns.map(printColumn).join(', ')})`
      const options = printOptions(statement.options)
      return `${create}table ${exists}${printName(statement.name)}${list} with ${options}`
    }
    case 'create-table-as-execute': {
      const { table, execute } = statement
      const { onCommit } = table
      const head = `${printName(table.name)}${printColumnNames(table.columns)}${printOnCommit(onCommit)}`
      const flags = `${table.temporary ? 'temp ' : ''}table ${table.ifNotExists ? 'if not exists ' : ''}`
      const data = table.withData ? '' : ' with no data'
      return `create ${flags}${head} as ${printExecute(execute)}${data}`
    }
    case 'create-table-as': {
      const { onCommit } = statement
      const head = `${printName(statement.name)}${printColumnNames(statement.columns)}${printOnCommit(onCommit)}`
      const data = statement.withData ? '' : ' with no data'
      return `${create}table ${exists}${head} as ${printQuery(statement.query)}${data}`
    }
    case 'create-view': {
      const head = `${printName(statement.name)}${printColumnNames(statement.columns)}`
      return `${create}view ${exists}${head} as ${printQuery(statement.query)}`
    }
    case 'create-stored-view': {
      const head = `${printName(statement.name)}${printColumnNames(statement.columns)}`
      const data = statement.withData ? '' : ' with no data'
      return `create materialized view ${exists}${head} as ${printQuery(statement.query)}${data}`
    }
    case 'create-schema':
      return `${create}schema ${exists}${printIdentifier(statement.name)}`
    case 'create-index':
      return printIndex(statement)
    case 'create-sequence': {
      const options = statement.options.map(printSequenceOption).join(' ')
      return `${create}sequence ${exists}${printName(statement.name)} ${options}`
    }
    case 'create-enum': {
      const labels = statement.labels.map(printString).join(', ')
      return `create type ${printName(statement.name)} as enum (${labels})`
    }
    case 'create-composite': {
      const attributes = statement.attributes.map(printAttribute).join(', ')
      return `create type ${printName(statement.name)} as (${attributes})`
    }
    case 'create-model': {
      const { options } = statement
      const list = options.length === 0 ? '' : ` with ${printOptions(options)}`
      const name = printName(statement.name)
      return `${create}model ${exists}${name}${list} as ${printQuery(statement.query)}`
    }
    default:
      return unreachable(statement)
  }
}

function printIndex(statement: CreateIndexStatement): string {
  const { name, unique, method, elements, nullsDistinct, where } = statement
  const items = elements.map((element) => `(${printExpression(element)})`).join(', ')
  return [
    `create ${unique ? 'unique ' : ''}index`,
    statement.ifNotExists ? 'if not exists' : '',
    name === undefined ? '' : printIdentifier(name),
    `on ${printName(statement.table)}`,
    method === undefined ? '' : `using ${printIdentifier(method)}`,
    `(${items})`,
    nullsDistinct ? '' : 'nulls not distinct',
    where === undefined ? '' : `where ${printExpression(where)}`,
  ].join(' ')
}

function printElements({ columns, constraints, likes }: CreateTableStatement): string {
  const ofTable = constraints.map((constraint) => printConstraint(constraint, true))
  const elements = columns.map(printColumn)
  for (const like of likes.toReversed()) elements.splice(like.at, 0, printLike(like))
  return `(${[...elements, ...ofTable].join(', ')})`
}

function printLike({ source, including }: LikeClause): string {
  return [`like ${printName(source)}`, ...[...including].map((part) => `including ${part}`)].join(
    ' ',
  )
}

function printOptions(options: readonly StatementOption[]): string {
  const items = options.map(({ name, value }) => {
    const path = name.split('.').map(printWord).join('.')
    return `${path} = ${printOption(value)}`
  })
  return `(${items.join(', ')})`
}

function printOption(value: OptionValue): string {
  if (typeof value === 'string') return printString(value)
  if (typeof value !== 'object' || value === null) return String(value)
  if ('options' in value) return printOptions(value.options)
  return `[${value.map(printOption).join(', ')}]`
}

function printExplain({ statement, analyze, options }: ExplainStatement): string {
  const items = [...options].map(([name, value]) => `${printWord(name)} ${printString(value)}`)
  if (analyze) items.unshift('analyze')
  const list = items.length === 0 ? '' : `(${items.join(', ')}) `
  return `explain ${list}${printStatement(statement)}`
}

function printShow({ subject, from, like, setting }: ShowStatement): string {
  if (setting !== undefined) return `show ${printSetting(setting)}`
  const source = from === undefined ? '' : ` from ${printName(from)}`
  return `show ${subject}${source}${like === undefined ? '' : ` like ${printString(like)}`}`
}

function printSetting(name: string): string {
  return name.split('.').map(printWord).join('.')
}

function printSet({ name, value, local, word }: SetStatement): string {
  const scope = local ? 'local ' : ''
  if (name === 'all' && value === undefined) return 'reset all'
  if (name === 'transaction') return `set ${scope}transaction ${String(value)}`
  if (name === 'session_characteristics') {
    return `set session characteristics as transaction ${String(value)}`
  }
  const target = `set ${scope}${printSetting(name)} to`
  if (value === undefined && word === 'reset') return `reset ${printSetting(name)}`
  if (value === undefined) return `${target} default`
  const values = Array.isArray(value) ? (value as readonly OptionValue[]) : [value]
  return `${target} ${values.map(printOption).join(', ')}`
}
