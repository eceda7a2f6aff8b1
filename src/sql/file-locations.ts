import type { SelectStatement } from './ast/select.ts'

/** The locations that a query reads directly, as in `FROM 'data/*.parquet'`, in order of appearance. */
export function fileLocations(query: SelectStatement): readonly string[] {
  const found: string[] = []
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return
    if (isFile(node)) found.push(node.location)
    for (const child of Object.values(node)) visit(child)
  }
  visit(query)
  return found
}

function isFile(node: object): node is { readonly kind: 'file'; readonly location: string } {
  return 'kind' in node && node.kind === 'file' && 'location' in node
}
