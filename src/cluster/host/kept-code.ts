import {
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { cachedDataVersionTag } from 'node:v8'
import { Script } from 'node:vm'
// As a whole: before 20.15, where no code is kept, it has no crc32.
import * as zlib from 'node:zlib'

/** A script with the compiled code of earlier processes, where there is any. */
export interface KeptScript {
  readonly script: Script
  /** Whether the code of earlier processes was taken. */
  readonly isKept: boolean
  /** Writes the code that is compiled by now, if that is worth it; never throws. */
  keep(): void
}

/** What precedes the code in a file: how many processes found no more to add, then the code's checksum. */
const HEADER_BYTES = 8

/**
 * So many processes one after the other look whether they compiled more than is kept, and add it: what
 * the first one ran may be little. Looking takes about 15 ms at the end of a process, so once that
 * many found nothing, one looks in so long: a user goes on to other statements one day.
 */
const FRUITLESS_LOOKS_MAX = 12
const LOOK_AGAIN_MS = 5_000

/** Less more is not worth a write. */
const GROWTH_MIN = 1.02

/** Files in the folder; the oldest go. Each is of one version of a program, of Node and of a place. */
const FILES_MAX = 16

/** The end of the names of files with code. */
const ENDING = '.v8'

interface KeptFile {
  readonly fruitlessLooks: number
  /** When a process last looked. */
  readonly lookedAtMs: number
  readonly code: Buffer
}

/**
 * Makes a script of a text, with the compiled code of earlier processes from a folder of the user's own.
 * V8 takes code for its own version, flags and processor only, and compiles anew instead; what another user
 * could have written, or what is damaged, is not handed to it at all. `digest` tells texts apart.
 */
export function keptScript(
  text: string,
  filename: string,
  { digest, folder }: { readonly digest: string; readonly folder: string },
): KeptScript {
  const version = cachedDataVersionTag().toString(16)
  const file = join(folder, `${digest}-${version}-${zlib.crc32(filename).toString(16)}${ENDING}`)
  const known = readKept(file)
  const script = new Script(text, { filename, ...(known && { cachedData: known.code }) })
  const kept = script.cachedDataRejected === true ? undefined : known
  return {
    script,
    isKept: kept !== undefined,
    keep() {
      if (kept !== undefined && !isLookDue(kept)) return
      try {
        const code = script.createCachedData()
        if (kept !== undefined && code.length <= kept.code.length * GROWTH_MIN) {
          noteLook(file, kept.fruitlessLooks + 1)
          return
        }
        writeKept(file, code)
        removeOldest(folder)
      } catch {
        // A full disk, a home that cannot be written: the next process compiles, too.
      }
    },
  }
}

function isLookDue({ fruitlessLooks, lookedAtMs }: KeptFile): boolean {
  // A clock that was set back must not put an end to looking.
  return fruitlessLooks < FRUITLESS_LOOKS_MAX || Math.abs(Date.now() - lookedAtMs) >= LOOK_AGAIN_MS
}

/** Makes the folder, for its user alone; false where that cannot be. */
export function canKeep(folder: string): boolean {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    return isOwn(statSync(folder))
  } catch {
    return false
  }
}

function readKept(file: string): KeptFile | undefined {
  let descriptor: number
  try {
    descriptor = openSync(file, 'r')
  } catch {
    return undefined
  }
  try {
    const status = fstatSync(descriptor)
    if (!isOwn(status)) return undefined
    const bytes = readFileSync(descriptor)
    if (bytes.length <= HEADER_BYTES) return undefined
    const code = bytes.subarray(HEADER_BYTES)
    return bytes.readUInt32LE(4) === zlib.crc32(code)
      ? { fruitlessLooks: bytes.readUInt32LE(0), lookedAtMs: status.mtimeMs, code }
      : undefined
  } catch {
    return undefined
  } finally {
    closeSync(descriptor)
  }
}

/** Whoever reads the file meanwhile has the old one or the new one, whole. */
function writeKept(file: string, code: Buffer): void {
  const header = Buffer.alloc(HEADER_BYTES)
  header.writeUInt32LE(zlib.crc32(code), 4)
  const partial = `${file}.${process.pid}-${process.hrtime.bigint()}`
  writeFileSync(partial, Buffer.concat([header, code]), { mode: 0o600 })
  renameSync(partial, file)
}

/** Writes over a number that no checksum covers; whoever reads the file meanwhile has one or the other. */
function noteLook(file: string, fruitlessLooks: number): void {
  const number = Buffer.alloc(4)
  number.writeUInt32LE(fruitlessLooks)
  const descriptor = openSync(file, 'r+')
  try {
    writeSync(descriptor, number, 0, number.length, 0)
  } finally {
    closeSync(descriptor)
  }
}

function removeOldest(folder: string): void {
  const files = readdirSync(folder).map((name) => {
    const path = join(folder, name)
    return { path, modifiedMs: statSync(path).mtimeMs }
  })
  files.sort((a, b) => b.modifiedMs - a.modifiedMs)
  for (const { path } of files.slice(FILES_MAX)) rmSync(path, { force: true })
}

/** Nobody but this process's user may write it: compiled code is run unseen. Windows has other means. */
function isOwn({ uid, mode }: { readonly uid: number; readonly mode: number }): boolean {
  const user = process.geteuid?.()
  return user === undefined || (uid === user && (mode & 0o022) === 0)
}
