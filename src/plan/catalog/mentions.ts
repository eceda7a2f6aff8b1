import {
  isSameRow,
  type DataType,
  type EnumType,
  type RecordType,
} from '../../data/types/data-type.ts'

/** A type that has a name in a catalog: one that was made, or that of the rows of a table or view. */
export type Mentioned = EnumType | RecordType

/** Whether values of a type have in them those of another. */
export function mentions(type: DataType, other: Mentioned): boolean {
  if (type.kind === 'array') return mentions(type.element, other)
  if (isIt(type, other)) return true
  return type.kind === 'record' && type.fields.some((field) => mentions(field.type, other))
}

/** A type with what another has become in the places of that. */
export function withType(type: DataType, before: Mentioned, now: Mentioned): DataType {
  if (isIt(type, before)) return now
  if (!mentions(type, before)) return type
  if (type.kind === 'record') {
    const fields = type.fields.map((field) => {
      return { ...field, type: withType(field.type, before, now) }
    })
    return { ...type, fields }
  }
  if (type.kind !== 'array') return type
  const element = withType(type.element, before, now)
  return element.kind === 'array' ? type : { ...type, element }
}

function isIt(type: DataType, other: Mentioned): boolean {
  if (type.kind === 'enum') return other.kind === 'enum' && type.id === other.id
  if (type.kind !== 'record' || other.kind !== 'record' || type.name === undefined) return false
  return isSameRow(type, other)
}
