import { present } from '../../base/assert.ts'
import { QueryError } from '../../base/errors.ts'
import type { Span } from '../../base/span.ts'
import { float4, float8, int8, numeric } from '../../data/types/data-type.ts'
import { randomWord } from '../../functions/random-words.ts'
import type { AstExpression } from '../../sql/ast/expression.ts'
import type { TableSample } from '../../sql/ast/select.ts'
import { columnReference, filter, limit, literal, project, sort, window } from '../logical/build.ts'
import { defaultFrame, type Expression } from '../logical/expression.ts'
import { percentOfRows } from '../logical/ranked-rows.ts'
import type { Relation } from '../logical/relation.ts'
import { typedWindowCall } from '../logical/typed-window.ts'
import { coerceTo, typedCall } from '../logical/typing.ts'
import { bindIn, type Scope } from './context.ts'

/** Rows that SYSTEM takes or leaves together. */
const BLOCK_ROWS = 128n

/**
 * TABLESAMPLE and USING SAMPLE over rows: as many as chance says of each row (`bernoulli`) or of each block of rows
 * (`system`), or so many of all (`reservoir`). With a seed, chance follows from the place of a row among all. Errors: UNDEFINED_OBJECT,
 * INVALID_SAMPLE_ARGUMENT, INVALID_SAMPLE_REPEAT.
 */
export function sampled(scope: Scope, rows: Relation, sample: TableSample): Relation {
  const { unit } = sample
  const span = sample.method?.span ?? sample.span
  const method = sample.method?.text ?? (unit === 'rows' ? 'reservoir' : 'system')
  if (!methods.has(method)) {
    const message = `tablesample method ${method} does not exist`
    throw new QueryError('UNDEFINED_OBJECT', message, { span })
  }
  if (sample.args.length !== 1) {
    const message = `tablesample method ${method} requires 1 argument, not ${sample.args.length}`
    throw new QueryError('INVALID_SAMPLE_ARGUMENT', message, { span })
  }
  const size = present(sample.args[0], 'size of a sample')
  if (method !== 'reservoir') {
    if (unit === 'rows') throw ofRows(method, span)
    return byChance(scope, rows, sample, size, method === 'system')
  }
  const chance = chanceOfRow(scope, rows, sample, false)
  const shuffled = sort(chance.relation, [
    { expr: chance.value, descending: false, nullsFirst: false },
  ])
  const { binder } = scope.environment
  if (unit === 'percent') {
    const percent = coerceTo(binder, bindIn(scope, 'FROM', size), numeric, 'SAMPLE', 'assignment')
    const ranking = { typing: binder, ids: binder.ctx.columnIds }
    return ownColumns(rows, percentOfRows(ranking, shuffled.input, shuffled.keys, { percent }))
  }
  const count = coerceTo(binder, bindIn(scope, 'FROM', size), int8, 'SAMPLE', 'assignment')
  return ownColumns(rows, limit(shuffled, { limit: count }))
}

const methods: ReadonlySet<string> = new Set(['bernoulli', 'system', 'reservoir'])

function ofRows(method: string, span: Span): QueryError {
  const message = `tablesample method ${method} takes a percentage of the rows, not their number`
  return new QueryError('INVALID_SAMPLE_ARGUMENT', message, { span })
}

function byChance(
  scope: Scope,
  rows: Relation,
  sample: TableSample,
  size: AstExpression,
  isOfBlocks: boolean,
): Relation {
  const { binder } = scope.environment
  const { span } = sample
  const given = coerceTo(binder, bindIn(scope, 'FROM', size), float4, 'TABLESAMPLE', 'assignment')
  const percent = typedCall(binder, 'sample_percentage', [given], span)
  const chance = chanceOfRow(scope, rows, sample, isOfBlocks)
  const scaled = typedCall(binder, '*', [chance.value, literal(100, float8)], span)
  return ownColumns(rows, filter(chance.relation, typedCall(binder, '<', [scaled, percent], span)))
}

interface Chance {
  readonly relation: Relation
  /** From 0 up to 1, 1 excluded. */
  readonly value: Expression
}

function chanceOfRow(
  scope: Scope,
  rows: Relation,
  { repeatable, span }: TableSample,
  isOfBlocks: boolean,
): Chance {
  const { binder } = scope.environment
  if (repeatable === undefined && !isOfBlocks) {
    return { relation: rows, value: typedCall(binder, 'random', [], span) }
  }
  const number = { id: binder.ctx.columnIds.next(), ...typedWindowCall(binder, 'row_number', []) }
  const relation = window(rows, { partitionBy: [], orderBy: [] }, [
    { ...number, frame: defaultFrame },
  ])
  const place = columnReference(number)
  const block = (): Expression => typedCall(binder, '/', [place, literal(BLOCK_ROWS, int8)], span)
  // Another sample each time: a plan that is kept would give the same one.
  if (repeatable === undefined) binder.needed.surroundings = true
  const seed = repeatable === undefined ? literal(randomWord(), int8) : seedOf(scope, repeatable)
  const value = typedCall(binder, 'sample_fraction', [isOfBlocks ? block() : place, seed], span)
  return { relation, value }
}

function seedOf(scope: Scope, repeatable: AstExpression): Expression {
  const { binder } = scope.environment
  const bound = bindIn(scope, 'FROM', repeatable)
  const seed = coerceTo(binder, bound, float8, 'REPEATABLE', 'assignment')
  return typedCall(binder, 'sample_seed', [seed], repeatable.span)
}

/** The columns that the rows had before they were numbered. */
function ownColumns({ columns }: Relation, chosen: Relation): Relation {
  if (chosen.columns.length === columns.length) return chosen
  const exprs = columns.map((column) => {
    return { id: column.id, name: column.name, expr: columnReference(column) }
  })
  return project(chosen, exprs)
}
