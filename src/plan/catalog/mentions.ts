import type { DataType } from '../../data/types/data-type.ts'

/** Whether values of a type have in them those of an enum. */
export function mentions(type: DataType, id: number): boolean {
  if (type.kind === 'array') return mentions(type.element, id)
  if (type.kind === 'record') return type.fields.some((field) => mentions(field.type, id))
  return type.kind === 'enum' && type.id === id
}
