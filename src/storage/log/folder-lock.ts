import { textOfUtf8 } from '../../base/utf8.ts'
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { QueryError } from '../../base/errors.ts'
import type { LogDisk } from './disk.ts'

/** Who has a folder. */
interface Holder {
  readonly host: string
  readonly process: number
  /** When the process began, by the machine's own count: another may have its number now. Empty where nobody tells. */
  readonly began: string
}

const NAME = /^lock\.(\d+)$/
/** Locks of this process that it has given back: of a file alone nobody sees that. */
const released = new Set<string>()

/**
 * A folder of one process. The lock is a file whose number is one more than that of the last holder's, made as a whole or not at
 * all: of several processes that find a holder gone one makes the next file. What a killed process leaves
 * is told by the process that is not there any more.
 */
export class FolderLock {
  readonly #path: string

  private constructor(path: string) {
    this.#path = path
  }

  /** Errors: OBJECT_IN_USE. */
  static take(disk: LogDisk, folder: string): FolderLock {
    for (;;) {
      const numbers = lockNumbers(disk)
      const last = numbers.at(-1)
      if (last !== undefined) refuseIfHeld(disk, folder, `lock.${last}`)
      const name = `lock.${(last ?? 0) + 1}`
      if (!disk.claim(name, JSON.stringify(thisProcess()))) continue
      released.delete(disk.pathOf(name))
      for (const number of numbers) removeIfThere(disk, `lock.${number}`)
      return new FolderLock(disk.pathOf(name))
    }
  }

  /** The file stays, so that the next one has a greater number. */
  release(): void {
    released.add(this.#path)
  }
}

function lockNumbers(disk: LogDisk): readonly number[] {
  return disk
    .names()
    .flatMap((name) => NAME.exec(name)?.[1] ?? [])
    .map(Number)
    .toSorted((left, right) => left - right)
}

function refuseIfHeld(disk: LogDisk, folder: string, name: string): void {
  const path = disk.pathOf(name)
  const holder = holderIn(disk, name)
  if (holder === undefined || !isThere(holder, path)) return
  const where = holder.host === hostname() ? '' : ` on host ${holder.host}`
  throw new QueryError(
    'OBJECT_IN_USE',
    `data folder "${folder}" is in use by process ${holder.process}${where}`,
    { hint: `One process writes a folder. If that process is gone, remove "${path}".` },
  )
}

/** Undefined where nobody is: another process has just removed it. */
function holderIn(disk: LogDisk, name: string): Holder | undefined {
  try {
    const text = textOfUtf8(disk.read(name, 0, disk.sizeOf(name)))
    return JSON.parse(text) as Holder
  } catch (error) {
    // A machine that lost its power may have kept the name alone.
    if (error instanceof SyntaxError) return undefined
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

/** Of a process of another machine nobody knows. */
function isThere(holder: Holder, path: string): boolean {
  if (holder.host !== hostname()) return true
  if (holder.process === process.pid && holder.began === beganOf(process.pid)) {
    return !released.has(path)
  }
  try {
    process.kill(holder.process, 0)
  } catch (error) {
    const mayBe = error instanceof Error && 'code' in error && error.code === 'EPERM'
    if (!mayBe) return false
  }
  return holder.began === beganOf(holder.process)
}

function thisProcess(): Holder {
  return { host: hostname(), process: process.pid, began: beganOf(process.pid) }
}

/** The machine's start and the process's in its ticks, where the system has them in files. */
function beganOf(id: number): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    const status = readFileSync(`/proc/${id}/stat`, 'utf8')
    // The name of the program may have spaces and brackets.
    const fields = status.slice(status.lastIndexOf(')') + 2).split(' ')
    // One that has ended stays until its parent has asked how.
    return fields[0] === 'Z' ? 'ended' : `${boot}/${fields[19] ?? ''}`
  } catch {
    return ''
  }
}

function removeIfThere(disk: LogDisk, name: string): void {
  try {
    disk.remove(name)
  } catch {
    // Somebody else has done it, or the next holder will.
  }
}
