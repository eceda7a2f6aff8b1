import { partMayMatch } from '../../scan/prune.ts'
import type { ScanRequest, ScanUnit } from '../../scan/source.ts'

/** With fewer row groups than this, large ones are split, so that several threads get work. */
const UNITS_WANTED = 4
/** Pieces begin at multiples of a chunk's rows. */
const PIECE_ALIGNMENT_ROWS = 131_072
/** A piece may have to decompress a page that another piece needs too: it must be worth it. */
const PIECE_ROWS_MIN = 2 * PIECE_ALIGNMENT_ROWS

/**
 * One unit a row group, those left out that cannot hold a matching row; parts of row groups where
 * there are few. Pure.
 */
export function planParquetUnits(request: ScanRequest): readonly ScanUnit[] {
  const units = request.source.files.flatMap((file, fileIndex) =>
    file.parts.flatMap((part, index): readonly ScanUnit[] => {
      if (part.rows === 0 || !partMayMatch(request, file, part)) return []
      return [{ file: fileIndex, part: index, start: 0, end: part.rows, rows: part.rows }]
    }),
  )
  if (units.length === 0 || units.length >= UNITS_WANTED) return units
  const pieces = Math.ceil(UNITS_WANTED / units.length)
  return units.flatMap((unit) => split(unit, pieces))
}

function split(unit: ScanUnit, pieces: number): readonly ScanUnit[] {
  const share = Math.max(unit.rows / pieces, PIECE_ROWS_MIN)
  const rows = Math.ceil(share / PIECE_ALIGNMENT_ROWS) * PIECE_ALIGNMENT_ROWS
  const parts: ScanUnit[] = []
  for (let start = unit.start; start < unit.end; start += rows) {
    const end = Math.min(start + rows, unit.end)
    parts.push({ ...unit, start, end, rows: end - start })
  }
  return parts
}
