import { present } from '../../../base/assert.ts'
import { QueryError } from '../../../base/errors.ts'
import type { Span } from '../../../base/span.ts'
import { recordOf } from '../../../data/types/data-type.ts'
import type { TableAlias } from '../../../sql/ast/select.ts'
import { outputsOf } from '../../catalog/routine.ts'
import { columnReference, named, oneRow, project } from '../../logical/build.ts'
import type { OutputColumn, Relation } from '../../logical/relation.ts'
import type { Binder } from '../context.ts'
import { typeNamed } from '../named-type.ts'
import { bodyAsRows, bodyAsValue, type BoundCall } from './body.ts'
import { fieldsOf, type RoutineShape } from './shape.ts'

type Definitions = TableAlias['definitions']

/** Rows of functions in FROM. */
export interface RoutineRows {
  readonly relation: Relation
  /** Whether a row is a plain value. */
  readonly isScalar: boolean
  /** Whether the one column has a name of its own, which an alias of the table leaves it. */
  readonly isNamed: boolean
}

/** The rows of one function in FROM; of one that gives a value, the row of it. */
export function routineRows(
  binder: Binder,
  call: BoundCall,
  definitions: Definitions,
): RoutineRows {
  const defined = definitions.length === 0 ? call : { ...call, shape: rowOf(binder, definitions) }
  const relation = call.entry.returnsSet ? bodyAsRows(binder, defined) : valueRow(binder, defined)
  const { shape } = call
  const isNamed =
    definitions.length > 0 ||
    (shape.kind === 'scalar' ? shape.name !== undefined : shape.kind !== 'void')
  return { relation, isScalar: shape.kind === 'scalar' || shape.kind === 'void', isNamed }
}

function valueRow(binder: Binder, call: BoundCall): Relation {
  const { columnIds } = binder.ctx
  const value = named(columnIds, nameOfColumn(call), bodyAsValue(binder, call))
  const row = project(oneRow(), [value])
  const isRow = value.expr.type.kind === 'record' && call.shape.kind !== 'scalar'
  return isRow ? fieldsAsColumns(binder, row) : row
}

/** What the one column of a function is called. */
export function nameOfColumn({ shape, entry }: BoundCall): string {
  return shape.kind === 'scalar' ? (shape.name ?? entry.name) : entry.name
}

/** The columns of a relation, with the fields of its rows in place of these. */
export function fieldsAsColumns(binder: Binder, relation: Relation): Relation {
  const exprs = relation.columns.flatMap((column: OutputColumn) => {
    const value = columnReference(column)
    if (column.type.kind !== 'record') return [named(binder.ctx.columnIds, column.name, value)]
    const { fields } = column.type
    return fieldsOf(binder, value).map((field, at) =>
      named(binder.ctx.columnIds, present(fields[at], 'field').name, field),
    )
  })
  return project(relation, exprs)
}

/** What a query says that the rows of a function are. */
function rowOf(binder: Binder, definitions: Definitions): RoutineShape {
  const fields = definitions.map(({ name, type }) => ({
    name: name.text,
    type: typeNamed(binder, type),
  }))
  return { kind: 'row', type: recordOf(fields) }
}

/** What is wrong with column definitions, or with there being none. */
export function checkRoutineDefinitions(
  { shape, entry, span }: BoundCall,
  definitions: Definitions,
  hasOrdinality: boolean,
): void {
  const [first] = definitions
  const isRecord = shape.kind === 'record'
  const at = first?.name.span ?? span
  if (isRecord && first === undefined)
    throw definitionError('is required for functions returning "record"', at)
  if (first === undefined) return
  if (!isRecord) {
    const what =
      outputsOf(entry).length > 1
        ? 'is redundant for a function with OUT parameters'
        : shape.kind === 'row'
          ? 'is redundant for a function returning a named composite type'
          : 'is only allowed for functions returning "record"'
    throw definitionError(what, at)
  }
  if (!hasOrdinality) return
  const message = 'WITH ORDINALITY cannot be used with a column definition list'
  throw new QueryError('SYNTAX_ERROR', message, {
    span: at,
    hint: 'Put the column definition list inside ROWS FROM().',
  })
}

function definitionError(what: string, span: Span): QueryError {
  return new QueryError('SYNTAX_ERROR', `a column definition list ${what}`, { span })
}
