import { QueryError } from '../../base/errors.ts'
import { objectName } from '../../plan/binder/object-name.ts'
import { checkBody } from '../../plan/binder/routines/check.ts'
import { declaredRoutineType } from '../../plan/binder/routines/types.ts'
import { newBinder } from '../../plan/binder/bind.ts'
import type { NeededEntries } from '../../plan/binder/context.ts'
import type { Catalog } from '../../plan/catalog/catalog.ts'
import { overtaken } from '../../plan/catalog/indexes.ts'
import type { RoutineEntry } from '../../plan/catalog/routine.ts'
import {
  addRoutine,
  dropRoutines,
  findRoutine,
  moveRoutine,
  replaceRoutine,
  routineOfId,
  type RoutineReference,
} from '../../plan/catalog/routines.ts'
import { addSchema, isTemporarySchema, schemaFor } from '../../plan/catalog/schemas.ts'
import type {
  AlterFunctionStatement,
  CreateFunctionStatement,
  CreateMacroStatement,
  DropFunctionStatement,
  RoutineName,
} from '../../sql/ast/routine.ts'
import type { StatementContext } from '../context/statement-context.ts'
import { QueryResult, type Notice } from '../results/result.ts'
import { declaredRoutine, freshId, optionsSaid } from './declared-routine.ts'
import { skipping } from '../tables/alter/altered-table.ts'
import { checkRole } from '../tables/roles.ts'
import { noShape, type StatementEntry } from './entry.ts'

/** CREATE FUNCTION, CREATE PROCEDURE: the body is bound now, so that errors show now, and again at each use. */
export const createFunctionEntry: StatementEntry<CreateFunctionStatement> = {
  tag: ({ objectKind }) => `CREATE ${objectKind.toUpperCase()}`,
  looks: () => true,
  writes: 'yes',
  describe: () => noShape,
  run: createFunction,
}

async function createFunction(
  ctx: StatementContext,
  statement: CreateFunctionStatement,
): Promise<QueryResult> {
  const declared = declaredRoutine(ctx, statement)
  const needed = await boundBody(ctx, statement, declared)
  const entry = statement.body === undefined ? declared : withNeeded(declared, needed)
  const { orReplace } = statement
  await ctx.transaction.change({
    apply(catalog) {
      refuseMissing(catalog, entry)
      const there = isTemporarySchema(entry.schema)
        ? addSchema(catalog, entry.schema, 'keep')
        : catalog
      return addRoutine(there, entry, orReplace)
    },
  })
  return QueryResult.ofCommand(createFunctionEntry.tag(statement))
}

/** Places in a body that is a string are none in the statement. */
async function boundBody(
  ctx: StatementContext,
  statement: CreateFunctionStatement,
  entry: RoutineEntry,
): Promise<NeededEntries> {
  try {
    return await ctx.queries.bindWith(statement, function* bound(context) {
      yield
      return checkBody(newBinder(context), entry)
    })
  } catch (error) {
    if (!(error instanceof QueryError)) throw error
    const { span: _, ...details } = error.details
    throw new QueryError(error.code, error.message, details)
  }
}

function withNeeded(entry: RoutineEntry, { relations, functions }: NeededEntries): RoutineEntry {
  const dependsOn = relations.map(([, { schema, name }]) => ({ schema, name }))
  return { ...entry, dependsOn, functions: [...functions] }
}

/** Errors: SERIALIZATION_FAILURE when something that a body is over is gone. */
function refuseMissing(catalog: Catalog, { dependsOn, functions }: RoutineEntry): void {
  const isWhole =
    dependsOn.every(({ schema, name }) => catalog.relations.get(schema)?.has(name) === true) &&
    functions.every((id) => routineOfId(catalog, id) !== undefined)
  if (!isWhole) throw overtaken()
}

/** Extension: CREATE MACRO. Its parameters may be anything, so it is bound at its uses only. */
export const createMacroEntry: StatementEntry<CreateMacroStatement> = {
  tag: () => 'CREATE MACRO',
  looks: () => true,
  writes: 'yes',
  describe: () => noShape,
  run: createMacro,
}

async function createMacro(
  ctx: StatementContext,
  statement: CreateMacroStatement,
): Promise<QueryResult> {
  const { orReplace, macroParameters, definitionText, givesRows, temporary } = statement
  const name = objectName(statement.name)
  const schema = temporary ? ctx.temporarySchema : schemaFor(ctx.catalog, name, ctx.searchPath)
  const names = macroParameters.map((one) => one.name.text)
  const repeated = macroParameters.find((one, at) => names.indexOf(one.name.text) !== at)
  if (repeated !== undefined) {
    const message = `parameter name "${repeated.name.text}" used more than once`
    throw new QueryError('INVALID_FUNCTION_DEFINITION', message, { span: repeated.name.span })
  }
  const entry: RoutineEntry = {
    kind: 'function',
    routine: 'macro',
    schema,
    name: name.name,
    id: freshId(ctx.catalog),
    parameters: macroParameters.map((one) => ({
      name: one.name.text,
      mode: 'in',
      type: { kind: 'polymorphic', name: 'anyelement' },
      defaultText: one.defaultText,
    })),
    returns: givesRows ? { kind: 'record' } : { kind: 'polymorphic', name: 'anyelement' },
    returnsSet: givesRows,
    body: { style: givesRows ? 'query' : 'expression', text: definitionText },
    ...optionsOfMacros,
    dependsOn: [],
    functions: [],
  }
  await ctx.transaction.change({
    apply: (catalog) =>
      addRoutine(temporary ? addSchema(catalog, schema, 'keep') : catalog, entry, orReplace),
  })
  return QueryResult.ofCommand('CREATE MACRO')
}

const optionsOfMacros = {
  volatility: 'volatile',
  strict: false,
  leakproof: false,
  securityDefiner: false,
  parallel: 'safe',
  cost: 1,
  rows: 1_000,
} as const

/** DROP FUNCTION | PROCEDURE | ROUTINE | MACRO: all of them or none. */
export const dropFunctionEntry: StatementEntry<DropFunctionStatement> = {
  tag: ({ objectKind }) => `DROP ${objectKind.toUpperCase()}`,
  looks: () => true,
  writes: 'yes',
  describe: () => noShape,
  run: dropFunction,
}

async function dropFunction(
  ctx: StatementContext,
  statement: DropFunctionStatement,
): Promise<QueryResult> {
  const { objectKind, routines, ifExists, cascade } = statement
  const notices: Notice[] = []
  const ids: number[] = []
  for (const routine of routines) {
    try {
      const reference = referenceTo(ctx, routine)
      ids.push(findRoutine(ctx.catalog, objectKind, reference, ctx.searchPath).id)
    } catch (error) {
      const notice = ifExists ? skippedFor(ctx, objectKind, routine, error) : undefined
      if (notice === undefined) throw error
      notices.push(notice)
    }
  }
  await ctx.transaction.change({
    apply(catalog) {
      const entries = ids.map((id) => routineOfId(catalog, id))
      const there = entries.filter((entry) => entry !== undefined)
      if (there.length < entries.length) throw overtaken()
      return dropRoutines(catalog, there, { cascade })
    },
  })
  return QueryResult.ofCommand(dropFunctionEntry.tag(statement), 0, notices)
}

/** What DROP ... IF EXISTS says of what is not there; undefined for another error. */
function skippedFor(
  { text }: StatementContext,
  objectKind: string,
  { name, parameters }: RoutineName,
  error: unknown,
): Notice | undefined {
  if (!(error instanceof QueryError)) return undefined
  const { schema } = objectName(name)
  if (error.code === 'UNDEFINED_SCHEMA') return skipping(`schema "${schema}" does not exist`)
  if (error.code === 'UNDEFINED_OBJECT') return skipping(error.message)
  if (error.code !== 'UNDEFINED_FUNCTION') return undefined
  const types = (parameters ?? []).map(({ type }) => {
    const written = text.slice(type.span.start, type.span.end).toLowerCase()
    return written.startsWith(type.name) ? type.name : `pg_catalog.${type.name}`
  })
  const shown = name.parts.map((part) => part.text).join('.')
  return skipping(`${objectKind} ${shown}(${types.join(',')}) does not exist`)
}

function referenceTo(
  { catalog, searchPath }: StatementContext,
  { name, parameters }: RoutineName,
): RoutineReference {
  const inputs = parameters?.filter(({ mode }) => mode !== 'out' && mode !== 'table')
  const types = inputs?.map(({ type }) => declaredRoutineType(catalog, searchPath, type))
  return { name: objectName(name), types }
}

/** ALTER FUNCTION: names and options. */
export const alterFunctionEntry: StatementEntry<AlterFunctionStatement> = {
  tag: ({ objectKind }) => `ALTER ${objectKind.toUpperCase()}`,
  looks: () => true,
  writes: 'yes',
  describe: () => noShape,
  run: alterFunction,
}

async function alterFunction(
  ctx: StatementContext,
  statement: AlterFunctionStatement,
): Promise<QueryResult> {
  const { objectKind, routine, routineAction: action } = statement
  const reference = referenceTo(ctx, routine)
  const { id, returnsSet } = findRoutine(ctx.catalog, objectKind, reference, ctx.searchPath)
  if (action.kind === 'owner') checkRole(ctx, action.role)
  const said = action.kind === 'options' ? optionsSaid(action.options, returnsSet) : {}
  await ctx.transaction.change({
    apply(catalog) {
      const entry = routineOfId(catalog, id)
      if (entry === undefined) throw overtaken()
      switch (action.kind) {
        case 'rename':
          return moveRoutine(catalog, entry, { schema: entry.schema, name: action.newName.text })
        case 'set-schema':
          return moveRoutine(catalog, entry, { schema: action.schema.text, name: entry.name })
        case 'owner':
          return catalog
        case 'options':
          return replaceRoutine(catalog, { ...entry, ...said })
      }
    },
  })
  return QueryResult.ofCommand(alterFunctionEntry.tag(statement))
}
