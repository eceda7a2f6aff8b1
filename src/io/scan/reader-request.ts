import type { FileEntry } from '../../plan/catalog/catalog.ts'
import { present } from '../../base/assert.ts'
import type { ScanRequest, ScanUnit } from './source.ts'

/** A request and the units of it that are to be read, their files counted by the request. */
export interface UnitsToRead {
  readonly request: ScanRequest
  readonly units: readonly ScanUnit[]
}

/**
 * What readers of some of a request's units need, and no more: it is sent to every thread, and a table
 * may have thousands of files with statistics for each of their parts.
 */
export function unitsToRead(request: ScanRequest, units: readonly ScanUnit[]): UnitsToRead {
  const files: FileEntry[] = []
  const positions = new Map<number, number>()
  const renumbered = units.map((unit) => {
    const known = positions.get(unit.file)
    if (known !== undefined) return { ...unit, file: known }
    const entry = present(request.source.files[unit.file], 'file of a unit')
    const file = files.push({ ...entry, parts: [] }) - 1
    positions.set(unit.file, file)
    return { ...unit, file }
  })
  return { request: { ...request, source: { ...request.source, files } }, units: renumbered }
}
