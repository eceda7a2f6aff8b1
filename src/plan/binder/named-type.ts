import type { DataType } from '../../data/types/data-type.ts'
import type { TypeName } from '../../sql/ast/expression.ts'
import { namedTypes, typeOfId } from '../catalog/types.ts'
import type { Binder } from './context.ts'
import { dataTypeOf } from './type-name.ts'

/** The data type that a type name means in what is bound. Within a view it means what it did when that was made. */
export function typeNamed(binder: Binder, name: TypeName): DataType {
  const { catalog, searchPath } = binder.ctx
  const view = binder.views.at(-1)
  if (view !== undefined) {
    return dataTypeOf(name, (written) => {
      const id = view.types.get(written)
      return id === undefined ? undefined : typeOfId(catalog, id)?.type
    })
  }
  const find = namedTypes(catalog, searchPath)
  return dataTypeOf(name, (written) => {
    const type = find(written)
    if (type !== undefined) binder.needed.types.set(written, type.id)
    return type
  })
}
