import type { Stats } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { QueryError } from '../../base/errors.ts'
import type { FileEntry } from '../../plan/catalog/catalog.ts'
import { FileCalls, type Answer } from './file-calls.ts'
import { expectNoLogAbove, isGlob, matchFiles, type MatchedFile } from './glob.ts'
import { hivePartitions } from './hive.ts'
import { openError } from './local.ts'

export interface LocationOptions {
  /** Folders, as absolute paths, under which files may be read, symbolic links followed. */
  readonly allowedRoots: readonly string[]
  readonly allowUrls: boolean
  /** What the names of files in a folder must end in, with the dot: `.parquet`, `.csv.gz`. */
  readonly extensions: readonly string[]
  /** Where files from URLs are kept; undefined: the user's cache folder. */
  readonly cacheFolder?: string | undefined
  readonly signal?: AbortSignal | undefined
}

export interface ResolvedLocation {
  /** At least one; in order of their paths; `parts` still empty. */
  readonly files: readonly FileEntry[]
  /** Names of the hive partition columns found in the paths. */
  readonly partitionColumns: readonly string[]
}

/** Longest location, in UTF-16 units; a path has 4,096 bytes at most, a signed URL more. */
const LOCATION_LENGTH_MAX = 16_384
/** Files that one location may stand for. */
const FILES_MAX = 100_000
/** Files that the file system is asked about at once. */
const FILES_AT_ONCE = 32

/**
 * The files of a location: a file, a pattern, a folder (all files below it that end in one of the
 * extensions, hidden ones left out), a URL. Throws FILE_NOT_FOUND, INSUFFICIENT_PRIVILEGE, IO_ERROR, QUERY_CANCELED,
 * WRONG_OBJECT_TYPE for a pipe or a device.
 */
export async function resolveLocation(
  location: string,
  options: LocationOptions,
): Promise<ResolvedLocation> {
  if (location.length > LOCATION_LENGTH_MAX) {
    const message = `a location has at most ${LOCATION_LENGTH_MAX} characters`
    throw new QueryError('PROGRAM_LIMIT_EXCEEDED', message)
  }
  if (isUrl(location)) return { files: [await remoteFile(location, options)], partitionColumns: [] }
  const path = absolutePath(location)
  const calls = new FileCalls()
  const folders = await realFolders(options.allowedRoots, calls)
  await folders.expectAllowed(staticPrefix(path), location)
  const matched = await filesAt(path, location, calls, options)
  if (matched.length > FILES_MAX) {
    const message = `"${location}" stands for more than ${FILES_MAX} files`
    throw new QueryError('PROGRAM_LIMIT_EXCEEDED', message)
  }
  const partitions = hivePartitions(matched.map((file) => file.path))
  const isOne = matched.length === 1 && !isGlob(location)
  const entry = (file: MatchedFile, index: number): Answer<FileEntry> => {
    const shown = isOne && file.path === path ? location : file.path
    const values = partitions.values[index] ?? []
    const real = folders.realPath(file, shown)
    return typeof real === 'string'
      ? entryOf(real, shown, values, calls)
      : real.then((found) => entryOf(found, shown, values, calls))
  }
  const files: FileEntry[] = []
  while (files.length < matched.length) {
    const some = matched.slice(files.length, files.length + FILES_AT_ONCE)
    const entries = some.map((file, at) => orRejected(() => entry(file, files.length + at)))
    const now = entries.filter((found): found is FileEntry => !(found instanceof Promise))
    const isAll = now.length === entries.length
    files.push(...(isAll ? now : await Promise.all(entries.map((found) => Promise.resolve(found)))))
  }
  return { files, partitionColumns: partitions.columns }
}

/** Where a file really is or would be. Throws INSUFFICIENT_PRIVILEGE outside the folders. */
export async function allowedPath(
  location: string,
  allowedRoots: readonly string[],
): Promise<string> {
  const folders = await realFolders(allowedRoots, new FileCalls())
  return folders.expectAllowed(absolutePath(location), location)
}

/** Whether a location is fetched over http or https. */
export function isUrl(location: string): boolean {
  return /^https?:\/\//i.test(location)
}

/** A location as an absolute path: `~`, `file:` URLs and relative paths are understood. */
export function absolutePath(location: string): string {
  if (/^file:\/\//i.test(location)) return fileURLToPath(location)
  if (location === '~' || location.startsWith('~/')) return join(homedir(), location.slice(1))
  return resolve(location)
}

async function remoteFile(location: string, options: LocationOptions): Promise<FileEntry> {
  if (!options.allowUrls) {
    throw new QueryError('INSUFFICIENT_PRIVILEGE', `permission denied for URL "${location}"`, {
      hint: 'Reading from URLs is switched off.',
    })
  }
  // Loaded when wanted: most files are local.
  const { downloadToCache } = await import('./http.ts')
  const path = await downloadToCache(location, {
    folder: options.cacheFolder,
    signal: options.signal,
  })
  return entryOf(path, location, [], new FileCalls())
}

function entryOf(
  path: string,
  location: string,
  partitionValues: readonly (string | null)[],
  calls: FileCalls,
): Answer<FileEntry> {
  const found = statOf(path, location, calls)
  const entry = (stats: Stats): FileEntry => {
    // Opening a pipe would wait for who writes into it, and a device may never end.
    if (!stats.isFile()) {
      throw new QueryError('WRONG_OBJECT_TYPE', `"${location}" is not a regular file`, {
        file: location,
      })
    }
    const { size, mtimeMs } = stats
    return { path, location, bytes: size, modifiedMs: mtimeMs, partitionValues, parts: [] }
  }
  return found instanceof Promise ? found.then(entry) : entry(found)
}

function statOf(path: string, location: string, calls: FileCalls): Answer<Stats> {
  const failed = (error: unknown): never => {
    throw openError(location, error)
  }
  try {
    const found = calls.stat(path)
    return found instanceof Promise ? found.catch(failed) : found
  } catch (error) {
    return failed(error)
  }
}

/** What is thrown at once is a rejection, as what comes later: it may stand beside others that are waited for. */
function orRejected<T>(make: () => Answer<T>): Answer<T> {
  try {
    return make()
  } catch (error) {
    return Promise.reject<T>(error as Error)
  }
}

async function filesAt(
  path: string,
  location: string,
  calls: FileCalls,
  options: LocationOptions,
): Promise<readonly MatchedFile[]> {
  const endings = options.extensions.join(' or ')
  const kind = await kindOf(path, location, calls)
  if (kind === 'file') return [{ path, linked: path }]
  if (kind === 'folder') {
    await expectNoLogAbove(path, calls)
    const found = await matchFiles(join(escaped(path), '**', '*'), calls, options.signal)
    const files = found.filter((file) => hasExtension(file.path, options.extensions))
    refuseCompressed(found, options.extensions)
    if (files.length > 0) return files
    const message = `folder "${location}" has no files that end in ${endings}`
    throw new QueryError('FILE_NOT_FOUND', message, { file: location, expected: endings })
  }
  if (isGlob(path)) {
    await expectNoLogAbove(staticPrefix(path), calls)
    const files = await matchFiles(path, calls, options.signal)
    if (files.length > 0) return files
    const message = `no files match "${location}"`
    throw new QueryError('FILE_NOT_FOUND', message, { file: location })
  }
  const message = `could not open file "${location}" for reading: No such file or directory`
  throw new QueryError('FILE_NOT_FOUND', message, { file: location })
}

/** Compressions of files that would be a table's if they could be read: left out, they would be missed. */
const otherCompressions = /\.(?:zst|bz2|xz|lz4|br|zip|snappy|sz|z)$/i

/** Errors: FEATURE_NOT_SUPPORTED. */
function refuseCompressed(found: readonly MatchedFile[], extensions: readonly string[]): void {
  const file = found.find(({ path }) => {
    const inner = path.replace(otherCompressions, '')
    return inner !== path && hasExtension(inner, extensions)
  })?.path
  if (file === undefined) return
  const compression = file.slice(file.lastIndexOf('.'))
  throw new QueryError('FEATURE_NOT_SUPPORTED', `not supported: ${compression} files of a folder`, {
    file,
    hint: 'Give a pattern that leaves them out, as `folder/*.csv`.',
  })
}

function hasExtension(path: string, extensions: readonly string[]): boolean {
  const lower = path.toLowerCase()
  return extensions.some((extension) => lower.endsWith(extension))
}

/** The characters of a folder's name that a pattern would read otherwise. */
function escaped(path: string): string {
  return path.replaceAll(/[*?[{]/g, (character) => (character === '{' ? '[{]' : `[${character}]`))
}

async function kindOf(
  path: string,
  location: string,
  calls: FileCalls,
): Promise<'file' | 'folder' | 'none'> {
  try {
    return (await calls.stat(path)).isDirectory() ? 'folder' : 'file'
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ENOENT' || code === 'ENOTDIR') return 'none'
    throw openError(location, error)
  }
}

/** The part of a pattern before its first special segment. */
function staticPrefix(path: string): string {
  if (!isGlob(path)) return path
  const segments = path.split('/')
  const first = segments.findIndex((segment) => isGlob(segment))
  return segments.slice(0, first).join('/') || '/'
}

/** Where files really are, and whether they may be read; what leads to many of them is followed once. */
class RealFolders {
  readonly #roots: readonly string[]
  readonly #calls: FileCalls
  readonly #known = new Map<string, Answer<string>>()

  constructor(roots: readonly string[], calls: FileCalls) {
    this.#roots = roots
    this.#calls = calls
  }

  /** As {@link expectAllowed}. */
  realPath({ path, linked }: MatchedFile, shown: string): Answer<string> {
    const behind = path.slice(linked.length)
    const allowed = (real: string): string => {
      const whole =
        behind.startsWith('/') && !real.endsWith('/') ? real + behind : join(real, behind)
      this.#expectWithin(whole, shown)
      return whole
    }
    const known = this.#known.get(linked) ?? this.#find(linked)
    return typeof known === 'string' ? allowed(known) : known.then(allowed)
  }

  #find(linked: string): Promise<string> {
    const found = nearestRealPath(linked, this.#calls).then((real) => {
      this.#known.set(linked, real)
      return real
    })
    this.#known.set(linked, found)
    return found
  }

  /**
   * Where a path really is, symbolic links resolved; for a path that is not there, where it would be.
   * Throws INSUFFICIENT_PRIVILEGE outside the roots, so that nothing is told of what lies there.
   */
  async expectAllowed(path: string, location: string): Promise<string> {
    return this.realPath({ path, linked: path }, location)
  }

  #expectWithin(real: string, location: string): void {
    const allowed = this.#roots.some(
      (root) => real === root || real.startsWith(root.endsWith(sep) ? root : root + sep),
    )
    if (allowed) return
    throw new QueryError('INSUFFICIENT_PRIVILEGE', `permission denied for file "${location}"`, {
      file: location,
      hint: 'The file is outside the folders that may be read.',
    })
  }
}

async function realFolders(roots: readonly string[], calls: FileCalls): Promise<RealFolders> {
  const real = roots.map(async (root) => (await realPathOf(root, calls)) ?? resolve(root))
  return new RealFolders(await Promise.all(real), calls)
}

async function nearestRealPath(path: string, calls: FileCalls): Promise<string> {
  let existing = path
  let missing = ''
  for (;;) {
    const real = await realPathOf(existing, calls)
    if (real !== undefined) return missing === '' ? real : join(real, missing)
    const parent = dirname(existing)
    if (parent === existing) return path
    missing = join(existing.slice(parent.length), missing)
    existing = parent
  }
}

async function realPathOf(path: string, calls: FileCalls): Promise<string | undefined> {
  try {
    return await calls.realPath(path)
  } catch {
    // Not there, or not to be seen: the caller goes on with the folder above it.
    return undefined
  }
}
