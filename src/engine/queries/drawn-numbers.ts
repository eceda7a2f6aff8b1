import { present } from '../../base/assert.ts'
import { QueryError } from '../../base/errors.ts'
import type { LeaseScope } from '../../data/arenas/lease.ts'
import { Arena } from '../../data/arenas/arena.ts'
import type { TableChunk } from '../../data/chunks/table-chunk.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { scalarsOf } from '../../data/vectors/column-scalars.ts'
import { vectorFromScalars } from '../../data/vectors/from-scalars.ts'
import type { Chunk } from '../../data/vectors/vector.ts'
import {
  currval,
  lastval,
  nextval,
  serialSequence,
  setval,
  setvalCalled,
} from '../../functions/sequences.ts'
import type { ScalarFunction } from '../../functions/function.ts'
import type { Catalog, SequenceEntry } from '../../plan/catalog/catalog.ts'
import { nameInText, textOfName } from '../../plan/catalog/name-text.ts'
import { findRelation } from '../../plan/catalog/relations.ts'
import type { SearchPath } from '../../plan/catalog/schemas.ts'
import type { NumberRun } from '../../plan/catalog/sequences.ts'
import type { ColumnIds } from '../../plan/logical/build.ts'
import type { Call, Literal } from '../../plan/logical/expression.ts'
import type { OutputColumn, Relation, Scan } from '../../plan/logical/relation.ts'
import type { Engine } from '../process/engine.ts'
import type { TransactionState } from '../transactions/transaction.ts'
import { randomTableId } from '../catalog/table-id.ts'
import { sequenceNamed, type SessionSequences } from './session-sequences.ts'

/** A call of a function of sequences within the expressions of a relation. */
export interface DrawnCall {
  readonly call: Call
  /** The column that its answer becomes. */
  readonly column: OutputColumn
  /** The column that says for which rows it is called; undefined: for all. */
  readonly condition: OutputColumn | undefined
  readonly args: readonly DrawnArgument[]
}

export type DrawnArgument =
  | Pick<Literal, 'kind' | 'value'>
  | { readonly kind: 'column'; readonly column: OutputColumn }

/** What drawing numbers needs of the statement. */
export interface Drawing {
  readonly engine: Engine
  readonly leases: LeaseScope
  readonly catalog: Catalog
  readonly searchPath: SearchPath
  readonly columnIds: ColumnIds
  readonly sequences: SessionSequences
  readonly temporarySchema: string
  readonly transaction: Pick<TransactionState, 'refuseIfReadOnly'>
  /** Runs a plan and stores its rows in order, each chunk with the columns that `add` gives it. */
  store(
    relation: Relation,
    added: readonly OutputColumn[],
    add: (chunk: Chunk) => Chunk,
  ): Promise<{ readonly chunks: readonly TableChunk[]; readonly rows: number }>
}

type Answer = (ctx: Drawing, args: readonly Scalar[], call: Call) => Scalar

/** What each function does, once for each row. */
const answers: ReadonlyMap<ScalarFunction, Answer> = new Map<ScalarFunction, Answer>([
  [nextval, (ctx, [name], call) => taken(ctx, String(name), call, 1).first],
  [
    currval,
    ({ catalog, searchPath, sequences }, [name]) => {
      return sequences.current(sequenceNamed(catalog, String(name), searchPath))
    },
  ],
  [lastval, ({ catalog, sequences }) => sequences.last(catalog)],
  [setval, (ctx, [name, value]) => set(ctx, String(name), value, true)],
  [
    setvalCalled,
    (ctx, [name, value, isCalled]) => set(ctx, String(name), value, isCalled === true),
  ],
  [serialSequence, serialSequenceOf],
])

/** Whether a function is one of a session's sequences. */
export function isOfSequences(fn: ScalarFunction): boolean {
  return answers.has(fn)
}

interface TakenRun extends NumberRun {
  readonly increment: bigint
}

function taken(ctx: Drawing, name: string, { span }: Call, wanted: number): TakenRun {
  const { catalog, searchPath, sequences } = ctx
  const sequence =
    sequences.comingNamed(name) ?? placed(span, () => sequenceNamed(catalog, name, searchPath))
  refuseIfReadOnly(ctx, sequence, 'nextval()')
  const run = sequences.take(sequence, wanted)
  return { ...run, increment: sequence.options.increment }
}

function set(ctx: Drawing, name: string, value: Scalar | undefined, isCalled: boolean): Scalar {
  const { catalog, searchPath, sequences } = ctx
  const sequence = sequenceNamed(catalog, name, searchPath)
  refuseIfReadOnly(ctx, sequence, 'setval()')
  sequences.set(sequence, BigInt(String(value)), isCalled)
  return BigInt(String(value))
}

/** Errors: READ_ONLY_TRANSACTION, but for temporary sequences. */
function refuseIfReadOnly(
  { transaction, temporarySchema }: Drawing,
  { schema }: SequenceEntry,
  what: string,
): void {
  if (schema !== temporarySchema) transaction.refuseIfReadOnly(what)
}

function serialSequenceOf(
  { catalog, searchPath }: Drawing,
  [table, column]: readonly Scalar[],
): Scalar {
  const entry = findRelation(catalog, nameInText(String(table)), searchPath)
  if (!entry.columns.some(({ name }) => name === column)) {
    const message = `column "${String(column)}" of relation "${entry.name}" does not exist`
    throw new QueryError('UNDEFINED_COLUMN', message)
  }
  for (const entries of catalog.relations.values()) {
    for (const one of entries.values()) {
      if (one.kind !== 'sequence' || one.owner === undefined) continue
      const { owner } = one
      const isIts = owner.schema === entry.schema && owner.name === entry.name
      if (isIts && owner.column === column) return textOfName(one)
    }
  }
  return null
}

/** Errors with the place of the call in the statement. */
function placed<T>(span: Call['span'], act: () => T): T {
  try {
    return act()
  } catch (error) {
    if (!(error instanceof QueryError) || span === undefined) throw error
    throw new QueryError(error.code, error.message, { ...error.details, span })
  }
}

/** One call for one row. A NULL among its arguments is its answer. */
export function answer(ctx: Drawing, call: Call, args: readonly Scalar[]): Scalar {
  if (args.includes(null)) return null
  return present(answers.get(call.fn), 'a function of sequences')(ctx, args, call)
}

/**
 * The rows of a relation with what calls give for them as further columns, row by row in the order of the calls: a scan of
 * rows that are stored. Held by the statement. Errors: those of the relation and of the calls.
 */
export async function rowsWithAnswers(
  ctx: Drawing,
  relation: Relation,
  calls: readonly DrawnCall[],
): Promise<Scan> {
  const { heap } = ctx.engine
  const arenas: Arena[] = []
  const position = new Map(relation.columns.map(({ id }, at) => [id, at]))
  const add = (chunk: Chunk): Chunk => {
    const arena = new Arena(heap)
    arenas.push(arena)
    const given = (column: OutputColumn): readonly Scalar[] =>
      scalarsOf(heap, present(chunk.columns[position.get(column.id) ?? -1], 'a column of rows'))
    const answered = answersFor(ctx, calls, chunk.rows, given)
    const vectors = calls.map(({ column }, at) =>
      vectorFromScalars(arena, column.type, present(answered[at], 'answers of a call')),
    )
    const statistics = undefined
    return { rows: chunk.rows, columns: [...chunk.columns, ...vectors], statistics }
  }
  const added = calls.map(({ column }) => column)
  try {
    const { chunks, rows } = await ctx.store(relation, added, add)
    return scanOf([...relation.columns, ...added], chunks, rows)
  } finally {
    for (const arena of arenas) arena.release()
  }
}

function scanOf(
  columns: readonly OutputColumn[],
  chunks: readonly TableChunk[],
  rows: number,
): Scan {
  return {
    kind: 'scan',
    table: {
      kind: 'table',
      schema: '',
      name: 'drawn rows',
      columns: columns.map(({ name, type }) => ({ name, type, nullable: true })),
      source: { kind: 'memory', id: randomTableId(), chunks },
      statistics: { rows, exact: true, columns: columns.map(() => undefined) },
    },
    sourceColumns: columns.map((_, at) => at),
    filters: [],
    columns: columns.map((column) => ({ ...column, nullable: true })),
  }
}

/** What calls give for so many rows, each of its own. `given`: the values of a column of the rows. */
export function answersFor(
  ctx: Drawing,
  calls: readonly DrawnCall[],
  rows: number,
  given: (column: OutputColumn) => readonly Scalar[],
): readonly (readonly Scalar[])[] {
  const [only] = calls
  if (calls.length === 1 && only !== undefined) {
    const name = nameOf(only)
    if (name !== undefined) return [numbers(ctx, only.call, name, rows)]
  }
  const sources = calls.map(({ call, condition, args }) => ({
    call,
    wanted: condition && given(condition),
    args: args.map((arg) => (arg.kind === 'literal' ? arg.value : given(arg.column))),
  }))
  const made = calls.map((): Scalar[] => [])
  for (let row = 0; row < rows; row++) {
    for (const [at, { call, wanted, args }] of sources.entries()) {
      const values = args.map((arg) => (Array.isArray(arg) ? (arg[row] ?? null) : (arg as Scalar)))
      const isWanted = wanted === undefined || wanted[row] === true
      present(made[at], 'answers').push(isWanted ? answer(ctx, call, values) : null)
    }
  }
  return made
}

/** The name of the sequence of a call that is a plain nextval. */
function nameOf({ call, condition, args }: DrawnCall): string | undefined {
  const [name] = args
  if (call.fn !== nextval || condition !== undefined || name?.kind !== 'literal') return undefined
  return typeof name.value === 'string' ? name.value : undefined
}

/** As many numbers at once as there are before a sequence ends or begins anew. */
function numbers(ctx: Drawing, call: Call, name: string, rows: number): readonly Scalar[] {
  const made: bigint[] = []
  while (made.length < rows) {
    const { first, count, increment } = taken(ctx, name, call, rows - made.length)
    for (let at = 0; at < count; at++) made.push(first + increment * BigInt(at))
  }
  return made
}

/** A column that stands for what a call gives. */
export function drawnColumn({ columnIds }: Drawing, { fn, type }: Call): OutputColumn {
  return { id: columnIds.next(), name: fn.name, type, nullable: true }
}
