import { QueryError, notSupported } from '../../../base/errors.ts'
import { shownType } from '../../../data/types/coercion.ts'
import { arrayOf, recordOf, text, type DataType } from '../../../data/types/data-type.ts'
import type { TypeName } from '../../../sql/ast/expression.ts'
import type { Catalog } from '../../catalog/catalog.ts'
import { lookupRelation } from '../../catalog/relations.ts'
import type { RoutineType } from '../../catalog/routine.ts'
import { polymorphicNames, shownRoutineType } from '../../catalog/routine.ts'
import type { ObjectName, SearchPath } from '../../catalog/schemas.ts'
import { namedTypes, typeOfId } from '../../catalog/types.ts'
import { columnNamesOf } from '../../catalog/view-columns.ts'
import { dataTypeOf, isTypeName } from '../type-name.ts'

/** What the type of a parameter or a result means. Errors: UNDEFINED_OBJECT, and those of type names. */
export function declaredRoutineType(
  catalog: Catalog,
  searchPath: SearchPath,
  name: TypeName,
): RoutineType {
  const isArray = name.arrayDimensions > 0
  if (name.name === 'record' || name.name === 'void') {
    if (isArray) throw notSupported(`arrays of ${name.name}`, name.span)
    return { kind: name.name }
  }
  const polymorphic = polymorphicNames.find((one) => one === name.name)
  if (polymorphic !== undefined) return { kind: 'polymorphic', name: polymorphic }
  const find = namedTypes(catalog, searchPath)
  if (!isTypeName(name.name) && find(name.name) === undefined) {
    const row = rowNamed(catalog, searchPath, name.name)
    if (row !== undefined) {
      if (isArray) throw notSupported(`arrays of rows of ${name.name}`, name.span)
      return row
    }
  }
  const plain = dataTypeOf({ ...name, modifiers: [] }, find)
  // Digits and lengths of types of arguments are left out.
  const type = plain
  return { kind: 'plain', type, shown: shownType(type) }
}

function rowNamed(
  catalog: Catalog,
  searchPath: SearchPath,
  written: string,
): RoutineType | undefined {
  const dot = written.indexOf('.')
  const name: ObjectName =
    dot > 0
      ? { schema: written.slice(0, dot), name: written.slice(dot + 1) }
      : { schema: undefined, name: written }
  const entry = lookupRelation(catalog, name, searchPath)
  if (entry === undefined || entry.kind === 'sequence') return undefined
  return { kind: 'row', schema: entry.schema, name: entry.name }
}

/** What `anyelement` and its kin are in a call, and `anycompatible` and its. */
export interface Solution {
  readonly element?: DataType | undefined
  readonly range?: DataType | undefined
  readonly compatible?: DataType | undefined
}

/** The data type of what a function takes or gives in a call; undefined for records of any columns and for void. */
export function typeIn(
  catalog: Catalog,
  type: RoutineType,
  solution: Solution = {},
): DataType | undefined {
  switch (type.kind) {
    case 'plain':
      return current(catalog, type.type)
    case 'row':
      return rowType(catalog, type)
    case 'polymorphic':
      return solved(type.name, solution)
    case 'record':
    case 'void':
      return undefined
  }
}

/** Enums have the labels that they have by now. */
function current(catalog: Catalog, type: DataType): DataType {
  if (type.kind === 'array') {
    const element = current(catalog, type.element)
    return element.kind === 'array' ? type : arrayOf(element)
  }
  return type.kind === 'enum' ? (typeOfId(catalog, type.id)?.type ?? type) : type
}

function rowType(catalog: Catalog, type: Extract<RoutineType, { kind: 'row' }>): DataType {
  const entry = catalog.relations.get(type.schema)?.get(type.name)
  if (entry === undefined) {
    const shown = shownRoutineType(type)
    throw new QueryError('UNDEFINED_OBJECT', `type "${shown}" does not exist`)
  }
  const names = columnNamesOf(entry)
  const fields = entry.columns.map((column, at) => ({
    name: names[at] ?? column.name,
    type: column.type,
  }))
  return recordOf(fields, type.name)
}

function solved(name: string, { element, range, compatible }: Solution): DataType | undefined {
  const isCompatible = name.startsWith('anycompatible')
  const base = isCompatible ? compatible : element
  if (name.endsWith('range')) return range
  if (!name.endsWith('array') || name.endsWith('nonarray')) return base
  return base === undefined || base.kind === 'array' || base.kind === 'unknown'
    ? base
    : arrayOf(base)
}

/** What the clients of a function that returns nothing are told that it returns. */
export const voidType: DataType = text
