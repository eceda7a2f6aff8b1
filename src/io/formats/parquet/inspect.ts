import type { FileEntry, FilePart } from '../../../plan/catalog/catalog.ts'
import type { FileInspection } from '../format.ts'
import type { ColumnStatistics } from '../../../data/vectors/vector.ts'
import type { ParquetColumn } from './schema.ts'
import { readFooter, type Footer } from './footer.ts'
import { chunkStatistics, mergeStatistics } from './statistics.ts'

/** Columns without a value: whatever their type, another file's may take its place. */
function untypedColumns(
  columns: readonly ParquetColumn[],
  rows: number,
  statistics: readonly (ColumnStatistics | undefined)[],
): ReadonlySet<number> {
  const isUntyped = (column: ParquetColumn, at: number): boolean => {
    const known = statistics[at]
    return column.isUntyped || (known?.min === undefined && known?.nullCount === rows)
  }
  return new Set(columns.flatMap((column, at) => (isUntyped(column, at) ? [at] : [])))
}

/** What footers say, for as long as they are kept: a folder of many files is looked at by every query. */
const inspections = new WeakMap<Footer, FileInspection>()

/** Schema, row groups and statistics of one file, from its footer alone. */
export function inspectParquet(file: FileEntry): FileInspection {
  const footer = readFooter(file)
  const known = inspections.get(footer) ?? inspectionOf(footer)
  inspections.set(footer, known)
  return known
}

function inspectionOf(footer: Footer): FileInspection {
  const parts = footer.groups.map((group): FilePart => {
    const statistics = footer.columns.map((column) => chunkStatistics(column, group))
    return { rows: group.rows, bytes: group.bytes, statistics }
  })
  const statistics = footer.columns.map((_, index) => mergeStatistics(parts, index))
  return {
    columns: footer.columns.map(({ name, type, nullable }) => ({ name, type, nullable })),
    inferred: false,
    untyped: untypedColumns(footer.columns, footer.rows, statistics),
    options: {},
    rows: footer.rows,
    exact: true,
    parts,
    statistics,
  }
}
