import type { FileEntry } from '../../../plan/catalog/catalog.ts'
import type { ScanRequest, ScanUnit } from '../../scan/source.ts'

/** Byte ranges of the files of a request; `whole`: one range a file. */
export function planByteRanges(request: ScanRequest, whole: boolean): readonly ScanUnit[] {
  return request.source.files.flatMap((file, index) => {
    const bytes = whole ? Number.MAX_SAFE_INTEGER : unitBytes(file.bytes)
    const parts = Math.max(1, Math.ceil(file.bytes / bytes))
    return Array.from({ length: parts }, (_, part) => {
      const start = part * bytes
      const end = whole ? bytes : Math.min(file.bytes, start + bytes)
      return { file: index, part, start, end, rows: rowsPerUnit(file, parts) }
    })
  })
}

const UNIT_BYTES_MIN = 4_194_304
const UNIT_BYTES_MAX = 16_777_216
const UNITS_WANTED = 64

function unitBytes(bytes: number): number {
  return Math.min(UNIT_BYTES_MAX, Math.max(UNIT_BYTES_MIN, Math.ceil(bytes / UNITS_WANTED)))
}

function rowsPerUnit(file: FileEntry, parts: number): number {
  const rows = file.parts.reduce((total, part) => total + part.rows, 0)
  return Math.ceil(rows / parts)
}
