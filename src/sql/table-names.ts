import type { QualifiedName } from './ast/expression.ts'
import type { PredictTable, SelectStatement, TableFile, TableName } from './ast/select.ts'

/** The locations that a query reads directly, as in `FROM 'data/*.parquet'`, in order of appearance. */
export function fileLocations(query: SelectStatement): readonly string[] {
  return nodes(query)
    .filter((node): node is TableFile => node.kind === 'file' && 'location' in node)
    .map(({ location }) => location)
}

/** The names of tables, views and CTEs that a query reads, subqueries included. */
export function tableNames(query: SelectStatement): readonly QualifiedName[] {
  return nodes(query)
    .filter((node): node is TableName => node.kind === 'table' && 'sample' in node)
    .map(({ name }) => name)
}

/** The names of models that a query predicts with, subqueries included. */
export function modelNames(query: SelectStatement): readonly QualifiedName[] {
  return nodes(query)
    .filter((node): node is PredictTable => node.kind === 'predict' && 'model' in node)
    .map(({ model }) => model)
}

/** Every node of a tree that has a kind, parents first. */
function nodes(query: SelectStatement): readonly { readonly kind: unknown }[] {
  const found: { readonly kind: unknown }[] = []
  // Long chains of operators nest deeper than the stack would take.
  const pending: unknown[] = [query]
  while (pending.length > 0) {
    const node = pending.pop()
    if (typeof node !== 'object' || node === null) continue
    if ('kind' in node) found.push(node)
    const children = Object.values(node)
    for (let at = children.length - 1; at >= 0; at--) pending.push(children[at])
  }
  return found
}
