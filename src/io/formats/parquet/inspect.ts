import type { FileEntry, FilePart } from '../../../plan/catalog/catalog.ts'
import type { FileInspection } from '../format.ts'
import { readFooter } from './footer.ts'
import { chunkStatistics, mergeStatistics } from './statistics.ts'

/** Schema, row groups and statistics of one file, from its footer alone. */
export function inspectParquet(file: FileEntry): FileInspection {
  const footer = readFooter(file)
  const parts = footer.groups.map((group): FilePart => {
    const statistics = footer.columns.map((column) => chunkStatistics(column, group))
    return { rows: group.rows, bytes: group.bytes, statistics }
  })
  return {
    columns: footer.columns.map(({ name, type, nullable }) => ({ name, type, nullable })),
    inferred: false,
    options: {},
    rows: footer.rows,
    exact: true,
    parts,
    statistics: footer.columns.map((_, index) => mergeStatistics(parts, index)),
  }
}
