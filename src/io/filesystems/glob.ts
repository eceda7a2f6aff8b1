import type { Dirent } from 'node:fs'
import { basename, dirname, posix } from 'node:path'
import { QueryError } from '../../base/errors.ts'
import type { FileCalls } from './file-calls.ts'
import { segmentMatcher } from './glob-segment.ts'
import { openError } from './local.ts'

/** Alternatives that the braces of one pattern may make. */
const ALTERNATIVES_MAX = 1_024
/** Directory entries that one pattern may look at. */
const ENTRIES_VISITED_MAX = 1_000_000

/** Whether a location is a pattern rather than the name of a file. */
export function isGlob(location: string): boolean {
  return /[*?[{]/.test(location)
}

/** A pattern's `{a,b}` written out, nested ones too. Without a comma braces stand for themselves. */
export function expandBraces(pattern: string): readonly string[] {
  const group = firstBraces(pattern)
  if (group === undefined) return [pattern]
  const { start, end, members } = group
  const expanded = members.flatMap((member) =>
    expandBraces(`${pattern.slice(0, start)}${member}${pattern.slice(end + 1)}`),
  )
  if (expanded.length > ALTERNATIVES_MAX) {
    const message = `pattern "${pattern}" has more than ${ALTERNATIVES_MAX} alternatives`
    throw new QueryError('PROGRAM_LIMIT_EXCEEDED', message)
  }
  return expanded
}

function firstBraces(
  pattern: string,
):
  | { readonly start: number; readonly end: number; readonly members: readonly string[] }
  | undefined {
  for (let start = pattern.indexOf('{'); start >= 0; start = pattern.indexOf('{', start + 1)) {
    const members: string[] = []
    let depth = 0
    let from = start + 1
    for (let at = start; at < pattern.length; at++) {
      const character = pattern[at]
      if (character === '{') depth++
      if (character === ',' && depth === 1) {
        members.push(pattern.slice(from, at))
        from = at + 1
      }
      if (character === '}' && --depth === 0) {
        if (members.length === 0) break
        members.push(pattern.slice(from, at))
        return { start, end: at, members }
      }
    }
  }
  return undefined
}

/** Folders that are looked into at once: what a file system on a network answers late, it answers together. */
const FOLDERS_AT_ONCE = 32

/** A file that a pattern matches. */
export interface MatchedFile {
  readonly path: string
  /** The beginning of the path that may lead over links: below it are folders and files themselves. */
  readonly linked: string
}

/** A folder that a pattern comes to. */
interface Place {
  readonly path: string
  /** As of {@link MatchedFile}. */
  readonly linked: string
}

interface Walk {
  readonly calls: FileCalls
  readonly found: Map<string, MatchedFile>
  /** What each folder holds: patterns come to one several times. */
  readonly folders: Map<string, Promise<readonly Dirent[]>>
  readonly signal: AbortSignal | undefined
  visited: number
}

/**
 * The files that match an absolute pattern, in order of their names. `**` stands for any number of
 * folders, hidden ones left out; it does not follow symbolic links to folders, so it always ends.
 * Throws FEATURE_NOT_SUPPORTED where a table format's log says which files count.
 */
export async function matchFiles(
  pattern: string,
  calls: FileCalls,
  signal: AbortSignal | undefined,
): Promise<readonly MatchedFile[]> {
  const walk = newWalk(calls, signal)
  for (const alternative of expandBraces(pattern)) {
    const segments = alternative.split('/').filter((segment) => segment !== '')
    await visit(walk, { path: '/', linked: '/' }, segments)
  }
  return [...walk.found.values()].sort(({ path: a }, { path: b }) => (a < b ? -1 : 1))
}

function newWalk(calls: FileCalls, signal: AbortSignal | undefined): Walk {
  return { calls, found: new Map(), folders: new Map(), signal, visited: 0 }
}

async function visit(walk: Walk, place: Place, segments: readonly string[]): Promise<void> {
  const [segment] = segments
  if (segment === undefined) return
  const rest = segments.slice(1)
  const folder = place.path
  if (segment === '**') {
    // No folder at all, or one more: the pattern stays.
    await visit(walk, place, rest.length === 0 ? ['*'] : rest)
    const entries = await entriesOf(walk, folder)
    const below = entries.filter((entry) => entry.isDirectory() && !isHidden(entry.name))
    return visitAll(walk, place, below, segments)
  }
  if (!isGlob(segment)) {
    const path = posix.join(folder, segment)
    if (rest.length > 0) await visit(walk, { path, linked: path }, rest)
    else await findNamed(walk, place, segment)
    return
  }
  const matcher = segmentMatcher(segment)
  const entries = await entriesOf(walk, folder)
  expectPlainFolder(folder, entries)
  // All that a folder holds are its files that are meant as data; `_*` names the others.
  const isMeant = ({ name }: Dirent): boolean => segment !== '*' || !isHidden(name)
  const matching = entries.filter((entry) => matcher.test(entry.name) && isMeant(entry))
  if (rest.length === 0) return add(walk, place, matching)
  const below = matching.filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
  return visitAll(walk, place, below, rest)
}

async function visitAll(
  walk: Walk,
  place: Place,
  below: readonly Dirent[],
  segments: readonly string[],
): Promise<void> {
  for (let at = 0; at < below.length; at += FOLDERS_AT_ONCE) {
    const some = below.slice(at, at + FOLDERS_AT_ONCE)
    await Promise.all(some.map((entry) => visit(walk, placeOf(place, entry), segments)))
  }
}

function placeOf({ path: folder, linked }: Place, entry: Dirent): Place {
  const path = folder === '/' ? `/${entry.name}` : `${folder}/${entry.name}`
  return { path, linked: entry.isSymbolicLink() ? path : linked }
}

function add({ found }: Walk, place: Place, entries: readonly Dirent[]): void {
  for (const entry of entries) {
    if (entry.isDirectory()) continue
    const file = placeOf(place, entry)
    found.set(file.path, file)
  }
}

/**
 * Whether a name is left out where a folder stands for its files: other programs keep what they do not
 * mean as data under such names (`_temporary`, `_SUCCESS`, `.crc`). Partition columns may begin so.
 */
export function isHidden(name: string): boolean {
  return name.startsWith('.') || (name.startsWith('_') && !name.includes('='))
}

/** Folders of these names hold a table's log, which says which of the files beside it count. */
const logFolders: ReadonlyMap<string, string> = new Map([
  ['_delta_log', 'Delta'],
  ['.hoodie', 'Hudi'],
])

function expectPlainFolder(folder: string, entries: readonly Dirent[]): void {
  for (const entry of entries) {
    const log = entry.isDirectory() ? logFolders.get(entry.name) : undefined
    if (log !== undefined) throw tableOf(log, folder)
    const isIceberg = basename(folder) === 'metadata' && entry.name.endsWith('.metadata.json')
    if (isIceberg) throw tableOf('Iceberg', dirname(folder))
  }
}

function tableOf(kind: string, folder: string): QueryError {
  return new QueryError('FEATURE_NOT_SUPPORTED', `not supported: ${kind} tables ("${folder}")`, {
    file: folder,
    hint: 'Its log says which files count: name the files themselves, one by one.',
  })
}

/** Throws FEATURE_NOT_SUPPORTED for a partition's folder whose table has a log. */
export async function expectNoLogAbove(folder: string, calls: FileCalls): Promise<void> {
  const walk = newWalk(calls, undefined)
  for (let at = folder; basename(at).includes('='); at = dirname(at)) {
    const above = dirname(at)
    expectPlainFolder(above, await entriesOf(walk, above))
  }
}

async function findNamed(walk: Walk, place: Place, name: string): Promise<void> {
  const entries = await entriesOf(walk, place.path)
  add(
    walk,
    place,
    entries.filter((entry) => entry.name === name),
  )
}

function entriesOf(walk: Walk, folder: string): Promise<readonly Dirent[]> {
  const known = walk.folders.get(folder)
  if (known !== undefined) return known
  const entries = listed(walk, folder)
  walk.folders.set(folder, entries)
  return entries
}

async function listed(walk: Walk, folder: string): Promise<readonly Dirent[]> {
  if (walk.signal?.aborted === true) {
    throw new QueryError('QUERY_CANCELED', 'canceling statement due to user request')
  }
  let entries: readonly Dirent[]
  try {
    entries = await walk.calls.folder(folder)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    // What is not there, or is no folder, matches nothing.
    if (code === 'ENOENT' || code === 'ENOTDIR') return []
    throw openError(folder, error)
  }
  walk.visited += entries.length
  if (walk.visited > ENTRIES_VISITED_MAX) {
    const message = `a pattern looks at more than ${ENTRIES_VISITED_MAX} files`
    throw new QueryError('PROGRAM_LIMIT_EXCEEDED', message)
  }
  return entries
}
