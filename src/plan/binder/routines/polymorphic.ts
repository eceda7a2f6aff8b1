import { commonType, postgresType, shownType } from '../../../data/types/coercion.ts'
import { rangeSubtypes, text, type DataType } from '../../../data/types/data-type.ts'
import type { RoutineType } from '../../catalog/routine.ts'
import type { Solution } from './types.ts'

export type Solved = Solution | 'different' | 'unknown'

/**
 * What polymorphic types are for arguments of some types, by PostgreSQL's rules (manual section 38.2.5). `different`: they do
 * not go together; `unknown`: nothing tells what they are.
 */
export function solvePolymorphic(
  slots: readonly RoutineType[],
  given: readonly DataType[],
): Solved {
  const elements: DataType[] = []
  const compatible: DataType[] = []
  let range: DataType | undefined
  let isAsked = false
  let isCompatibleAsked = false
  for (const [at, slot] of slots.entries()) {
    const type = given[at]
    if (slot.kind !== 'polymorphic' || type === undefined) continue
    const isCompatible = slot.name.startsWith('anycompatible')
    isAsked ||= !isCompatible
    isCompatibleAsked ||= isCompatible
    if (type.kind === 'unknown') continue
    const of = elementOf(slot.name.replace(/^anycompatible/, 'any'), type)
    if (of === undefined) return 'different'
    if (slot.name.endsWith('range')) range = type.kind === 'range' ? type : range
    if (isCompatible) compatible.push(of)
    else elements.push(of)
  }
  const [element] = elements
  if (elements.some((one) => shownType(one) !== shownType(element ?? one))) return 'different'
  if (isAsked && element === undefined) return 'unknown'
  const common = isCompatibleAsked
    ? (commonType(compatible) ?? (compatible.length === 0 ? text : undefined))
    : text
  if (common === undefined) return 'different'
  return { element: element && postgresType(element), range, compatible: postgresType(common) }
}

/** What the element type is where a value of a type stands; undefined where none can. */
function elementOf(name: string, type: DataType): DataType | undefined {
  switch (name) {
    case 'anyarray':
      return type.kind === 'array' ? type.element : undefined
    case 'anynonarray':
      return type.kind === 'array' ? undefined : type
    case 'anyenum':
      return type.kind === 'enum' ? type : undefined
    case 'anyrange':
      return type.kind === 'range' ? rangeSubtypes[type.of] : undefined
    case 'anymultirange':
      return type.kind === 'multirange' ? rangeSubtypes[type.of] : undefined
    default:
      return type
  }
}
