import { QueryError } from '../base/errors.ts'
import type { Rounds } from '../cluster/rounds.ts'
import { float8, typeName, type DataType } from '../data/types/data-type.ts'
import type { Scalar } from '../data/types/scalar.ts'
import type { ChunkLease } from '../data/vectors/chunk-lease.ts'
import {
  and,
  castTo,
  columnReference,
  filter,
  literal,
  named,
  project,
  type ColumnIds,
} from '../plan/logical/build.ts'
import type { Expression } from '../plan/logical/expression.ts'
import type { OutputColumn, Relation } from '../plan/logical/relation.ts'
import { tested } from '../plan/logical/predicates.ts'
import { TrainingBlocks } from './training-blocks.ts'

/** Runs a plan as tasks over partitions and gives its rows. */
export type RunPlan = (relation: Relation) => Promise<readonly (readonly Scalar[])[]>

/** What a trainer needs of its surroundings. */
export interface TrainingContext {
  readonly ids: ColumnIds
  readonly run: RunPlan
  /** Runs a plan and gives its rows as they lie in the memory, in the order of their table. */
  readonly collect: (relation: Relation) => Promise<ChunkLease>
  /** Works in rounds over rows in the memory. */
  readonly rounds: <T>(work: (rounds: Rounds) => Promise<T>) => Promise<T>
}

/** Features of a model: every pair of them is one sum in each round, so their number is bounded. */
const FEATURES_MAX = 128

/** A relation with float8 features, NULL-free, and its target. */
export interface TrainingSet {
  readonly relation: Relation
  readonly featureNames: readonly string[]
  readonly features: readonly Expression[]
  readonly target: OutputColumn
}

/**
 * Splits a query's columns into features and target. Rows with a NULL in any of them take no part in
 * training. Features must be numeric or boolean.
 */
export function trainingSet(
  ids: ColumnIds,
  input: Relation,
  outputNames: readonly string[],
  targetColumn: string,
): TrainingSet {
  const columns = input.columns.map((column, i) => ({ ...column, name: outputNames[i] ?? '' }))
  const target = columns.find(({ name }) => name === targetColumn)
  if (target === undefined) {
    throw new QueryError('UNDEFINED_COLUMN', `target column "${targetColumn}" does not exist`, {
      expected: `one of ${columns.map(({ name }) => name).join(', ')}`,
      hint: "target_column must name a column of the model's query.",
    })
  }
  const features = columns.filter((column) => column !== target)
  checkFeatures(features)
  const complete = filter(
    input,
    and(columns.map((column) => tested(columnReference(column), 'null', true))),
  )
  const exprs = features.map((column) => named(ids, column.name, asFloat(column)))
  const targetExpr = named(ids, target.name, columnReference(target))
  const relation = project(complete, [...exprs, targetExpr])
  return {
    relation,
    featureNames: features.map(({ name }) => name),
    features: relation.columns.slice(0, -1).map((column) => columnReference(column)),
    target: relation.columns.at(-1)!,
  }
}

/** The rows of a relation as blocks of the columns that are given. */
export async function trainingBlocks(
  { ids, collect }: TrainingContext,
  rounds: Rounds,
  relation: Relation,
  columns: readonly Expression[],
): Promise<TrainingBlocks> {
  const exprs = columns.map((column, i) => named(ids, `column_${i}`, column))
  const input = await collect(project(relation, exprs))
  const blocks = await TrainingBlocks.of(rounds, input.chunks, columns.length)
  input.release()
  return blocks
}

/**
 * The matrix of a system for standardized features, of which `entry` gives the upper triangle. A
 * constant feature has nothing to say: its coefficient is 0, and the others' are as without it.
 */
export function standardizedMatrix(
  units: readonly number[],
  entry: (i: number, j: number) => number,
): number[][] {
  return units.map((own, i) =>
    units.map((other, j) => {
      if (i === j && own === Number.POSITIVE_INFINITY) return 1
      return entry(Math.min(i, j), Math.max(i, j)) / own / other
    }),
  )
}

/** A feature or numeric target as float8. */
export function asFloat(column: OutputColumn): Expression {
  const reference = columnReference(column)
  if (column.type.kind !== 'bool') return castTo(reference, float8)
  const branches = [{ when: reference, then: literal(1, float8) }]
  return { kind: 'case', branches, otherwise: literal(0, float8), type: float8 }
}

export function isNumericType({ kind }: DataType): boolean {
  return /^(?:int|float|decimal|numeric|bool)/.test(kind)
}

function checkFeatures(features: readonly OutputColumn[]): void {
  if (features.length === 0 || features.length > FEATURES_MAX) {
    throw new QueryError('INVALID_PARAMETER_VALUE', 'wrong number of feature columns', {
      expected: `1 to ${FEATURES_MAX} columns besides the target`,
      found: String(features.length),
    })
  }
  const odd = features.find(({ type }) => !isNumericType(type))
  if (odd === undefined) return
  throw new QueryError('DATATYPE_MISMATCH', `feature "${odd.name}" is not numeric`, {
    expected: 'a numeric or boolean column',
    found: typeName(odd.type),
    hint: 'Leave the column out, or turn it into numbers with CASE or CAST.',
  })
}
