import { NODE_STEPS, spend } from '../base/budget.ts'
import type { QualifiedName } from './ast/expression.ts'
import type { PredictTable, SelectStatement, TableFile, TableName } from './ast/select.ts'

/** What a query names, in order of appearance. */
interface Named {
  readonly files: string[]
  readonly tables: QualifiedName[]
  readonly models: QualifiedName[]
}

/** The locations that a query reads directly, as in `FROM 'data/*.parquet'`, in order of appearance. */
export function fileLocations(query: SelectStatement): readonly string[] {
  return namedIn(query).files
}

/** The names of tables, views and CTEs that a query reads, subqueries included. */
export function tableNames(query: SelectStatement): readonly QualifiedName[] {
  return namedIn(query).tables
}

/** The names of models that a query predicts with, subqueries included. */
export function modelNames(query: SelectStatement): readonly QualifiedName[] {
  return namedIn(query).models
}

// Asked for several times for each query, whose text may have megabytes.
const known = new WeakMap<SelectStatement, Named>()

function namedIn(query: SelectStatement): Named {
  let named = known.get(query)
  if (named === undefined) {
    named = collected(query)
    known.set(query, named)
  }
  return named
}

function collected(query: SelectStatement): Named {
  const named: Named = { files: [], tables: [], models: [] }
  // Long chains of operators nest deeper than the stack would take.
  const pending: object[] = [query]
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    spend(NODE_STEPS)
    if ('kind' in node) note(node, named)
    const from = pending.length
    if (Array.isArray(node)) for (const item of node as unknown[]) pushObject(pending, item)
    else {
      const fields = node as Readonly<Record<string, unknown>>
      // Every node has a span, which names nothing.
      for (const name in fields) if (name !== 'span') pushObject(pending, fields[name])
    }
    // The first comes off first.
    reverseFrom(pending, from)
  }
  return named
}

function pushObject(list: object[], value: unknown): void {
  if (typeof value === 'object' && value !== null) list.push(value)
}

function reverseFrom(list: object[], from: number): void {
  for (let [low, high] = [from, list.length - 1]; low < high; low++, high--) {
    const other = list[low]!
    list[low] = list[high]!
    list[high] = other
  }
}

function note(node: { readonly kind: unknown }, { files, tables, models }: Named): void {
  if (node.kind === 'file' && 'location' in node) files.push((node as TableFile).location)
  if (node.kind === 'table' && 'sample' in node) tables.push((node as TableName).name)
  if (node.kind === 'predict' && 'model' in node) models.push((node as PredictTable).model)
}
