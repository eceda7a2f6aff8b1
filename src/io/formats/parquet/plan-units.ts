import type { ScanRequest, ScanUnit } from '../../source.ts'

/** One unit a row group. */
export function planParquetUnits(request: ScanRequest): readonly ScanUnit[] {
  return request.source.files.flatMap((file, fileIndex) =>
    file.parts.map((part, index): ScanUnit => ({
      file: fileIndex,
      part: index,
      start: 0,
      end: part.rows,
      rows: part.rows,
    })),
  )
}
