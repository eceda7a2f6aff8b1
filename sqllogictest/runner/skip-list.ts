import { readFileSync } from 'node:fs'

/** One entry of a skip list: a file (or the end of its path), a record's line or `*`, and why. */
export interface SkipEntry {
  readonly file: string
  readonly record: number | '*'
  readonly reason: string
}

/** Reads a skip list: JSON, a list of entries. Throws if an entry lacks a part. */
export function readSkipList(path: string): readonly SkipEntry[] {
  const entries = JSON.parse(readFileSync(path, 'utf8')) as unknown
  if (!Array.isArray(entries)) throw new Error(`${path}: a skip list is a list of entries`)
  return entries.map((entry: Partial<SkipEntry>, index) => {
    const { file, record, reason } = entry
    const complete = typeof file === 'string' && typeof reason === 'string' && reason !== ''
    if (!complete || (typeof record !== 'number' && record !== '*')) {
      throw new Error(`${path}: entry ${index + 1} must have file, record and reason`)
    }
    return { file, record, reason }
  })
}

/** Why a record is skipped; undefined if it runs. */
export function skipReason(
  entries: readonly SkipEntry[],
  file: string,
  line: number,
): string | undefined {
  const entry = entries.find(
    (candidate) =>
      (file === candidate.file || file.endsWith(`/${candidate.file}`)) &&
      (candidate.record === '*' || candidate.record === line),
  )
  return entry?.reason
}
