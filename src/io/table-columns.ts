import { present } from '../base/assert.ts'
import { QueryError } from '../base/errors.ts'
import { sameType, typeName, type DataType } from '../data/types/data-type.ts'
import type { Field, Schema } from '../data/types/schema.ts'
import type { FileEntry, FileLayout } from '../plan/catalog/catalog.ts'
import type { FileInspection } from './formats/format.ts'
import { widerType } from './formats/infer-type.ts'
import { nameableNames } from './scan/unique-names.ts'
import { widerDeclaredType } from './widen-type.ts'

export interface TableColumns {
  readonly columns: Schema
  readonly layouts: readonly FileLayout[]
  /** One entry a file: its layout; undefined: the file has the table's columns as they are. */
  readonly layoutOf: readonly (number | undefined)[]
}

export interface TableColumnsOptions {
  /** Columns of the files that the paths tell: the path's values are taken. */
  readonly partitionColumns: readonly string[]
  /** False: all files must have the same columns in the same order. */
  readonly byName: boolean
  /** Declared columns, which files of a format with types of its own must have. */
  readonly declared: Schema | undefined
  /** Whether rows name their values, so that columns have no place in a file. */
  readonly isKeyed: boolean
}

interface Column {
  /** As files name it. */
  readonly name: string
  /** Undefined: no file has told one yet; then it is the fallback. */
  type: DataType | undefined
  readonly fallback: DataType
  nullable: boolean
  /** The file that the type comes from. */
  readonly file: FileEntry
}

/**
 * The columns of a table over files. Columns are the same where they have the same name (the first of
 * that name in each file, the second, ...); a file that lacks one has NULLs there, and types that
 * differ become the one that holds the values of all. Throws BAD_FILE where there is none.
 */
export function tableColumnsOf(
  files: readonly FileEntry[],
  inspections: readonly FileInspection[],
  options: TableColumnsOptions,
): TableColumns {
  const columns = new Map<string, Column>()
  const keys: (readonly (string | undefined)[])[] = []
  declare(columns, options.declared, files)
  inspections.forEach((inspection, at) => {
    const file = present(files[at], 'file of an inspection')
    if (tellsTheSame(inspection, inspections[at - 1])) {
      keys.push(present(keys[at - 1], 'keys of the file before'))
      return
    }
    keys.push(spelledAs(columns, keysOf(inspection.columns, options.partitionColumns)))
    if (at > 0) {
      if (options.byName) expectRelated(columns, keys, at, files)
      else expectSame(keys, at, files)
    }
    const before = at > 0 || options.declared !== undefined ? new Set(columns.keys()) : undefined
    addColumns(columns, present(keys[at], 'keys of a file'), file, inspection, before, options)
  })
  const merged = [...columns.values()]
  const names = nameableNames(merged.map(({ name }) => name))
  const schema = merged.map(({ type, fallback, nullable }, at): Field => ({
    ...declaredField(options.declared, at),
    name: names[at] ?? '',
    type: type ?? fallback,
    nullable,
  }))
  return { columns: schema, ...layoutsOf(columns, keys, inspections, schema, options) }
}

/** Whether a file says of its columns what the one before said: most of a folder do, and it adds nothing. */
function tellsTheSame(
  { columns, untyped, inferred }: FileInspection,
  before: FileInspection | undefined,
): boolean {
  return (
    before?.inferred === inferred &&
    columns.length === before.columns.length &&
    columns.every(({ name, type, nullable }, at) => {
      const other = before.columns[at]
      return (
        name === other?.name &&
        nullable === other.nullable &&
        untyped.has(at) === before.untyped.has(at) &&
        sameType(type, other.type)
      )
    })
  )
}

function declaredField(declared: Schema | undefined, at: number): Partial<Field> {
  return declared?.[at] ?? {}
}

function declare(
  columns: Map<string, Column>,
  declared: Schema | undefined,
  [file]: readonly FileEntry[],
): void {
  if (declared === undefined || file === undefined) return
  keysOf(declared, []).forEach((key, at) => {
    const { name, type, nullable } = present(declared[at], 'declared column')
    columns.set(present(key, 'key of a declared column'), {
      name,
      type,
      fallback: type,
      nullable,
      file,
    })
  })
}

/** Names of columns with the count of equal ones before; undefined for those that paths tell. */
function keysOf(own: Schema, partitions: readonly string[]): readonly (string | undefined)[] {
  const seen = new Map<string, number>()
  return own.map(({ name }) => {
    if (partitions.includes(name)) return undefined
    const count = seen.get(name) ?? 0
    seen.set(name, count + 1)
    return `${count} ${name}`
  })
}

function addColumns(
  columns: Map<string, Column>,
  keys: readonly (string | undefined)[],
  file: FileEntry,
  inspection: FileInspection,
  before: ReadonlySet<string> | undefined,
  options: TableColumnsOptions,
): void {
  keys.forEach((key, at) => {
    if (key === undefined) return
    const { name, type, nullable } = present(inspection.columns[at], 'column of a file')
    const own = inspection.untyped.has(at) ? undefined : type
    const column = columns.get(key)
    if (column === undefined) {
      if (options.declared !== undefined) return
      const isNew = before !== undefined
      columns.set(key, { name, type: own, fallback: type, nullable: nullable || isNew, file })
      return
    }
    column.nullable ||= nullable && options.declared === undefined
    column.type = agreedType(column, own, file, inspection.inferred, options)
  })
  const mine = new Set(keys)
  for (const key of before ?? []) {
    if (mine.has(key)) continue
    const column = present(columns.get(key), 'column seen before')
    if (options.declared !== undefined) throw lacksDeclared(column, file, undefined)
    column.nullable = true
  }
}

function agreedType(
  column: Column,
  own: DataType | undefined,
  file: FileEntry,
  inferred: boolean,
  options: TableColumnsOptions,
): DataType | undefined {
  const { type } = column
  if (type === undefined) return own
  if (own === undefined || sameType(type, own)) return type
  const wider = inferred ? widerType(type, own) : widerDeclaredType(type, own)
  if (options.declared !== undefined) {
    if (wider === undefined || !sameType(wider, type)) throw lacksDeclared(column, file, own)
    return type
  }
  const isAgreed = wider !== undefined && (options.byName || inferred)
  if (!isAgreed) throw differs(column.file, file, column.name, typeName(type), typeName(own))
  return wider
}

function lacksDeclared(
  { name, type }: Column,
  { location }: FileEntry,
  own: DataType | undefined,
): QueryError {
  return new QueryError('BAD_FILE', `file "${location}" does not have the declared columns`, {
    file: location,
    column: name,
    expected: `${name} ${type === undefined ? '' : typeName(type)}`,
    found: own === undefined ? 'no such column' : `${name} ${typeName(own)}`,
  })
}

/** Keys that differ in case only from a column known before, which the file has not itself: that one's. */
function spelledAs(
  columns: ReadonlyMap<string, Column>,
  own: readonly (string | undefined)[],
): readonly (string | undefined)[] {
  if (columns.size === 0 || own.every((key) => key === undefined || columns.has(key))) return own
  const taken = new Set(own)
  const spellings = new Map(
    [...columns.keys()].filter((key) => !taken.has(key)).map((key) => [key.toLowerCase(), key]),
  )
  return own.map((key) => {
    if (key === undefined || columns.has(key)) return key
    const known = spellings.get(key.toLowerCase())
    // Each column has one place in a file.
    if (known !== undefined) spellings.delete(key.toLowerCase())
    return known ?? key
  })
}

/** Files without a common column are no table: one may have another delimiter, or no header. */
function expectRelated(
  columns: ReadonlyMap<string, Column>,
  keys: readonly (readonly (string | undefined)[])[],
  at: number,
  files: readonly FileEntry[],
): void {
  const own = keys[at]?.filter((key) => key !== undefined) ?? []
  if (own.length === 0 || columns.size === 0 || own.some((key) => columns.has(key))) return
  const [file, first] = [present(files[at], 'file'), present(files[0], 'first file')]
  const message = `files "${first.location}" and "${file.location}" have no column in common`
  throw new QueryError('BAD_FILE', message, { file: file.location })
}

/** The strict rule: the same names in the same order. */
function expectSame(
  keys: readonly (readonly (string | undefined)[])[],
  at: number,
  files: readonly FileEntry[],
): void {
  const name = (key: string): string => key.slice(key.indexOf(' ') + 1)
  const shown = (key: string | undefined): string =>
    key === undefined ? 'no such column' : `column "${name(key)}"`
  const [first = [], other = []] = [keys[0], keys[at]].map((all) =>
    all?.filter((key) => key !== undefined),
  )
  for (let position = 0; position < Math.max(first.length, other.length); position++) {
    const [left, right] = [first[position], other[position]]
    if (left === right) continue
    const column = name(left ?? right ?? '')
    throw differs(files[0]!, files[at]!, column, shown(left), shown(right))
  }
}

function differs(
  first: FileEntry,
  { location }: FileEntry,
  column: string,
  expected: string,
  found: string,
): QueryError {
  const message = `files "${first.location}" and "${location}" differ in column "${column}"`
  return new QueryError('BAD_FILE', message, { file: location, column, expected, found })
}

function layoutsOf(
  merged: ReadonlyMap<string, Column>,
  keys: readonly (readonly (string | undefined)[])[],
  inspections: readonly FileInspection[],
  columns: Schema,
  options: TableColumnsOptions,
): Pick<TableColumns, 'layouts' | 'layoutOf'> {
  const layouts: FileLayout[] = []
  const known = new Map<string, number>()
  const layoutOf: (number | undefined)[] = []
  for (const [at, inspection] of inspections.entries()) {
    layoutOf.push(
      tellsTheSame(inspection, inspections[at - 1]) ? layoutOf[at - 1] : layout(inspection, at),
    )
  }
  return { layouts, layoutOf }

  function layout({ columns: own, inferred }: FileInspection, at: number): number | undefined {
    const places = new Map(keys[at]?.map((key, position) => [key, position]))
    const found = [...merged.keys()].map((key) => places.get(key))
    const names = [...merged.values()].map(({ name }) => name)
    const { fileColumns, positions } = options.isKeyed
      ? keyedLayout(own, found, columns, names)
      : { fileColumns: inferred ? typedAs(own, found, columns) : own, positions: found }
    if (isSame(fileColumns, positions, columns)) return undefined
    const described = JSON.stringify([fileColumns, positions.map((position) => position ?? -1)])
    const index = known.get(described) ?? layouts.push({ fileColumns, positions }) - 1
    known.set(described, index)
    return index
  }
}

/**
 * The layout of a file whose values have keys: any of the table's may come behind the sample, so all
 * are looked for, as this file spells them; keys of its own that are no columns are known at least.
 */
function keyedLayout(
  own: Schema,
  positions: readonly (number | undefined)[],
  columns: Schema,
  names: readonly string[],
): FileLayout {
  const placed = new Set(positions)
  const spelled = columns.map((field, at): Field => {
    const position = positions[at]
    const spelling = position === undefined ? undefined : own[position]?.name
    return { ...field, name: spelling ?? names[at] ?? '' }
  })
  const others = own.filter((_, position) => !placed.has(position))
  return { fileColumns: [...spelled, ...others], positions: columns.map((_, at) => at) }
}

/** Texts can be read as any type: those of the table are taken. */
function typedAs(own: Schema, positions: readonly (number | undefined)[], columns: Schema): Schema {
  const types = new Map(positions.map((position, at) => [position, columns[at]?.type]))
  return own.map((field, position) => ({ ...field, type: types.get(position) ?? field.type }))
}

function isSame(own: Schema, positions: readonly (number | undefined)[], columns: Schema): boolean {
  return (
    own.length === columns.length &&
    columns.every(({ name, type }, at) => {
      const field = own[at]
      return positions[at] === at && field?.name === name && sameType(field.type, type)
    })
  )
}
