import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { basename, join } from 'node:path'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream } from 'node:stream/web'
import { QueryError } from '../../base/errors.ts'

export interface DownloadOptions {
  readonly folder: string | undefined
  readonly signal: AbortSignal | undefined
  /** Bytes that the cache folder may hold; the files used longest ago go first. */
  readonly cacheBytesMax?: number
  /** How long the server may stay silent. */
  readonly silenceMsMax?: number
}

const CACHE_BYTES_MAX = 17_179_869_184
const SILENCE_MS_MAX = 30_000

/** What the server said of a file when it was fetched: asked again, it tells whether it changed. */
interface Validators {
  readonly url: string
  readonly etag: string | undefined
  readonly lastModified: string | undefined
  readonly bytes: number | undefined
}

/**
 * Fetches an http(s) URL into a local cache and returns the copy's path. A copy that the server says
 * is still good is used; a download that broke off goes on where it stopped. Throws FILE_NOT_FOUND,
 * INSUFFICIENT_PRIVILEGE, IO_ERROR, QUERY_CANCELED.
 */
export async function downloadToCache(url: string, options: DownloadOptions): Promise<string> {
  const folder = options.folder ?? defaultFolder()
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const path = join(folder, cacheName(url))
  const partial = `${path}.partial`
  const [copy, begun] = [await validatorsOf(path), await validatorsOf(partial)]
  const silence = silenceSignal(options)
  try {
    const response = await request(url, copy, begun && (await resumable(partial, begun)), silence)
    if (response.status === 304 && copy !== undefined) {
      await response.body?.cancel()
      const now = new Date()
      await utimes(`${path}.json`, now, now)
      return path
    }
    const fresh = validatorsFrom(url, response, response.status === 206 ? begun : undefined)
    await writeFile(`${partial}.json`, JSON.stringify(fresh))
    await receive(response, partial, silence)
    await expectSize(url, partial, fresh)
    await rename(partial, path)
    await rename(`${partial}.json`, `${path}.json`)
  } catch (error) {
    throw downloadError(url, error, options.signal)
  } finally {
    silence.stop()
  }
  await evict(folder, path, options.cacheBytesMax ?? CACHE_BYTES_MAX)
  return path
}

function defaultFolder(): string {
  const base = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache')
  return join(base, 'heddle', 'downloads')
}

/** The URL's digest, then its last name, so that extensions and messages stay. */
function cacheName(url: string): string {
  const digest = createHash('sha256').update(url).digest('hex').slice(0, 32)
  const name = basename(new URL(url).pathname).replaceAll(/[^\w.-]/g, '_')
  return `${digest}-${name.slice(-80)}`
}

async function validatorsOf(path: string): Promise<Validators | undefined> {
  try {
    await stat(path)
    return JSON.parse(await readFile(`${path}.json`, 'utf8')) as Validators
  } catch {
    // Nothing kept, or nothing usable: the file is fetched as a whole.
    return undefined
  }
}

interface Resume {
  readonly from: number
  readonly validator: string
}

/** Where to go on; only a strong validator lets the server tell that the rest belongs to the start. */
async function resumable(partial: string, begun: Validators): Promise<Resume | undefined> {
  const validator = begun.etag?.startsWith('W/') === false ? begun.etag : begun.lastModified
  const { size } = await stat(partial)
  return validator === undefined || size === 0 ? undefined : { from: size, validator }
}

interface SilenceSignal {
  readonly signal: AbortSignal
  readonly heard: () => void
  readonly stop: () => void
}

/** Aborts when nothing was heard for a while, or when the query is cancelled. */
function silenceSignal(options: DownloadOptions): SilenceSignal {
  const controller = new AbortController()
  const patienceMs = options.silenceMsMax ?? SILENCE_MS_MAX
  const timer = setTimeout(() => controller.abort(new SilenceError(patienceMs)), patienceMs)
  timer.unref()
  const cancel = (): void => controller.abort(options.signal?.reason)
  if (options.signal?.aborted === true) cancel()
  options.signal?.addEventListener('abort', cancel, { once: true })
  return {
    signal: controller.signal,
    heard: () => void timer.refresh(),
    stop: () => {
      clearTimeout(timer)
      options.signal?.removeEventListener('abort', cancel)
    },
  }
}

class SilenceError extends Error {
  override readonly name = 'SilenceError'

  constructor(patienceMs: number) {
    super(`the server said nothing for ${patienceMs} ms`)
  }
}

async function request(
  url: string,
  copy: Validators | undefined,
  resume: Resume | undefined,
  silence: SilenceSignal,
): Promise<Response> {
  // Bytes as they are: the size of a recoded body would not be the file's.
  const headers: Record<string, string> = { 'accept-encoding': 'identity' }
  if (copy?.etag !== undefined) headers['if-none-match'] = copy.etag
  else if (copy?.lastModified !== undefined) headers['if-modified-since'] = copy.lastModified
  else if (resume !== undefined) {
    headers['range'] = `bytes=${resume.from}-`
    headers['if-range'] = resume.validator
  }
  const response = await fetch(url, { headers, signal: silence.signal, redirect: 'follow' })
  silence.heard()
  if (response.ok || response.status === 304) return response
  await response.body?.cancel()
  if (response.status === 416) return request(url, copy, undefined, silence)
  throw statusError(url, response.status)
}

function statusError(url: string, status: number): QueryError {
  const details = { file: url, found: `HTTP status ${status}` }
  if (status === 404 || status === 410) {
    return new QueryError('FILE_NOT_FOUND', `no file at "${url}" (HTTP status ${status})`, details)
  }
  if (status === 401 || status === 403) {
    const message = `permission denied for URL "${url}" (HTTP status ${status})`
    return new QueryError('INSUFFICIENT_PRIVILEGE', message, details)
  }
  return new QueryError('IO_ERROR', `could not fetch "${url}": HTTP status ${status}`, details)
}

function validatorsFrom(
  url: string,
  response: Response,
  begun: Validators | undefined,
): Validators {
  const length = response.headers.get('content-length')
  const total = /\/(\d+)$/.exec(response.headers.get('content-range') ?? '')?.[1] ?? length
  return {
    url,
    etag: response.headers.get('etag') ?? begun?.etag,
    lastModified: response.headers.get('last-modified') ?? begun?.lastModified,
    bytes: total === null || total === undefined ? undefined : Number(total),
  }
}

async function receive(response: Response, path: string, silence: SilenceSignal): Promise<void> {
  const flags = response.status === 206 ? 'a' : 'w'
  const target = createWriteStream(path, { flags, mode: 0o600 })
  if (response.body === null) {
    target.end()
    return
  }
  const listen = new Transform({
    transform(chunk, _encoding, done) {
      silence.heard()
      done(null, chunk)
    },
  })
  const body = Readable.fromWeb(response.body as ReadableStream<Uint8Array>)
  await pipeline(body, listen, target, { signal: silence.signal })
}

async function expectSize(url: string, path: string, fresh: Validators): Promise<void> {
  const { size } = await stat(path)
  if (fresh.bytes === undefined || size === fresh.bytes) return
  // What is there cannot be the start of the file when it is longer.
  if (size > fresh.bytes) await rm(path, { force: true })
  throw new QueryError('IO_ERROR', `the download of "${url}" broke off`, {
    file: url,
    expected: `${fresh.bytes} bytes`,
    found: `${size}`,
  })
}

function downloadError(url: string, error: unknown, signal: AbortSignal | undefined): unknown {
  if (error instanceof QueryError) return error
  if (signal?.aborted === true) {
    return new QueryError('QUERY_CANCELED', 'canceling statement due to user request')
  }
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  const reason = cause instanceof Error ? cause.message : String(cause)
  const details = { file: url, cause: error }
  return new QueryError('IO_ERROR', `could not fetch "${url}": ${reason}`, details)
}

/** Removes copies, those used longest ago first, until the rest fits; never the one just fetched. */
async function evict(folder: string, kept: string, bytesMax: number): Promise<void> {
  const names = (await readdir(folder)).filter((name) => !name.endsWith('.json'))
  const copies = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name)
      const [{ size }, used] = await Promise.all([
        stat(path),
        stat(`${path}.json`).catch(() => ({ mtimeMs: 0 })),
      ]).catch(() => [{ size: 0 }, { mtimeMs: 0 }] as const)
      return { path, bytes: size, usedMs: used.mtimeMs }
    }),
  )
  let bytes = copies.reduce((sum, copy) => sum + copy.bytes, 0)
  for (const copy of copies.sort((a, b) => a.usedMs - b.usedMs)) {
    if (bytes <= bytesMax) return
    if (copy.path === kept) continue
    await rm(copy.path, { force: true })
    await rm(`${copy.path}.json`, { force: true })
    bytes -= copy.bytes
  }
}
