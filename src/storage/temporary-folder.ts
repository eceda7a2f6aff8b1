import { randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, rmSync, statfsSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'

/** `heddle-spill-HOST-PID-RANDOM`: who made a folder can be told from its name. */
const PREFIX = 'heddle-spill'

/** A folder of this process alone inside of a directory, which is made where there is none. */
export function makeOwnFolder(directory: string): string {
  const name = [PREFIX, hostKey(), process.pid, randomBytes(6).toString('hex')].join('-')
  const folder = join(directory, name)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  return folder
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true })
}

/**
 * Removes what processes of this machine left that ended without doing so. Folders of other machines, which
 * may share the directory, and what cannot be removed stay.
 */
export function removeAbandonedFolders(directory: string): void {
  for (const name of namesIn(directory)) {
    const [, host, pid] = /^heddle-spill-([0-9a-f]+)-(\d+)-[0-9a-f]+$/.exec(name) ?? []
    if (host !== hostKey() || isAlive(Number(pid))) continue
    try {
      removeFolder(join(directory, name))
    } catch {
      // Somebody else's: nothing of ours is lost by it.
    }
  }
}

/** Bytes that a directory's disk has left for us. */
export function freeBytes(directory: string): number {
  const { bavail, bsize } = statfsSync(directory)
  return bavail * bsize
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}

/** A host's name as hexadecimal digits: names may have any letters. */
function hostKey(): string {
  return Buffer.from(hostname()).toString('hex').slice(0, 64)
}

/** Whether a process runs; one of another user counts as well. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
