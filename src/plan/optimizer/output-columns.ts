import { columnReference } from '../logical/build.ts'
import type { NamedExpression } from '../logical/expression.ts'
import type { OutputColumn, Project, Relation } from '../logical/relation.ts'

/** Columns handed on as they are, under their own ids. */
export function passedOn(columns: readonly OutputColumn[]): readonly NamedExpression[] {
  return columns.map((column) => {
    const { id, name } = column
    return { id, name, expr: columnReference(column) }
  })
}

/** The relation with just these of its columns, ids kept. */
export function passing(input: Relation, columns: readonly OutputColumn[]): Project {
  const made = new Map(input.columns.map((column) => [column.id, column]))
  const kept = columns.map((column) => made.get(column.id) ?? column)
  return { kind: 'project', input, exprs: passedOn(kept), columns: kept }
}
