import { notSupported } from '../../base/errors.ts'
import type { DataType, RecordType } from '../../data/types/data-type.ts'
import type { TypeName } from '../../sql/ast/expression.ts'
import type { TableEntry, ViewEntry } from '../catalog/catalog.ts'
import { lookupRelation } from '../catalog/relations.ts'
import { rowTypeOf } from '../catalog/row-types.ts'
import { nameInView } from '../catalog/schemas.ts'
import { namedEntry, typeOfId } from '../catalog/types.ts'
import type { Binder } from './context.ts'
import { dataTypeOf } from './type-name.ts'

/** The data type that a type name means in what is bound. Within a view it means what it did when that was made. */
export function typeNamed(binder: Binder, name: TypeName): DataType {
  const { catalog, searchPath } = binder.ctx
  const view = binder.views.at(-1)
  if (view !== undefined) {
    return dataTypeOf(name, (written) => {
      const id = view.types.get(written)
      if (id !== undefined) return typeOfId(catalog, id)?.type
      return rowsInView(binder, view, written, name)
    })
  }
  return dataTypeOf(name, (written) => {
    const found = namedEntry(catalog, written, searchPath)
    if (found === undefined) return undefined
    if (found.entry.kind !== 'type') {
      binder.needed.relations.push([found.name, found.entry])
      return rowsNamed(found.entry, name)
    }
    binder.needed.types.set(written, found.entry.type.id)
    return found.entry.type
  })
}

/** The rows of a table that the query of a view names. */
function rowsInView(
  { ctx: { catalog, searchPath } }: Binder,
  view: ViewEntry,
  written: string,
  at: TypeName,
): RecordType | undefined {
  const [schema, name] = written.split('.', 2)
  const wanted =
    name === undefined
      ? nameInView({ schema: undefined, name: written }, view.tableSchemas)
      : { schema, name }
  const entry = lookupRelation(catalog, wanted, searchPath)
  return entry === undefined || entry.kind === 'sequence' ? undefined : rowsNamed(entry, at)
}

/** Errors: FEATURE_NOT_SUPPORTED for rows whose fields are held to lengths, which values by themselves are not. */
function rowsNamed(entry: TableEntry | ViewEntry, { span }: TypeName): RecordType {
  const limited =
    entry.kind === 'table' &&
    entry.columns.find(
      ({ lengthLimit, digitLimit, timeLimit }) =>
        lengthLimit !== undefined || digitLimit !== undefined || timeLimit !== undefined,
    )
  if (limited === undefined || limited === false) return rowTypeOf(entry)
  throw notSupported(`the type of rows with lengths of columns (${limited.name})`, span)
}
