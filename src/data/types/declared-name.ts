import { typeName, type DataType } from './data-type.ts'
import { limitedNames, shownOther } from './declared-type.ts'
import type { Field, TimeLimit } from './schema.ts'

/** What of a column says how it was declared. */
export type DeclaredField = Pick<
  Field,
  'type' | 'lengthLimit' | 'digitLimit' | 'timeLimit' | 'declared'
>

/** The type as it was declared: `character varying(3)`. */
export function declaredName({
  type,
  lengthLimit,
  digitLimit,
  timeLimit,
  declared,
}: DeclaredField): string {
  if (digitLimit !== undefined) return `numeric(${digitLimit.precision},${digitLimit.scale})`
  if (timeLimit !== undefined) return limitedTimeName(type, timeLimit)
  if (lengthLimit === undefined) {
    if (declared === undefined) return typeName(type)
    const name = declared === 'varchar' ? 'character varying' : shownOther(declared)
    return type.kind === 'array' ? `${name}[]` : name
  }
  const name = limitedNames[lengthLimit.type]
  return `${name}(${lengthLimit.charactersMax})${type.kind === 'array' ? '[]' : ''}`
}

/** `timestamp(3) without time zone`, `interval day to hour`. */
function limitedTimeName(type: DataType, { digits, fields }: TimeLimit): string {
  const [word = '', ...rest] = typeName(type).split(' ')
  const precision = digits === undefined ? '' : `(${digits})`
  if (fields !== undefined) return `${word} ${fields.toLowerCase()}${precision}`
  return [`${word}${precision}`, ...rest].join(' ')
}
