import { closeSync, existsSync, ftruncateSync, openSync, unlinkSync, writeSync } from 'node:fs'
import type { Chooser } from '../fuzz/chooser.ts'
import { FolderDisk, type LogDisk, type LogFile } from '#heddle/storage/log/disk.js'

/** What a disk loses or keeps by itself. */
const SECTOR_BYTES = 512

type PendingWrite =
  | { readonly kind: 'write'; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: 'truncate'; readonly bytes: number }

/**
 * A folder whose files have what was synced, and of what was not any part when the power goes: sectors of writes, and
 * names up to one of their changes.
 */
export class FaultyDisk implements LogDisk {
  readonly #real: FolderDisk
  readonly #chooser: Chooser
  readonly #pending = new Map<string, PendingWrite[]>()
  /** Changes of names in their order. */
  #names: (() => void)[] = []
  #isOff = false
  /** Writes fail for want of room. */
  isFull = false

  constructor(folder: string, chooser: Chooser) {
    this.#real = new FolderDisk(folder)
    this.#chooser = chooser
  }

  pathOf(name: string): string {
    return this.#real.pathOf(name)
  }

  names(): readonly string[] {
    return this.#real.names()
  }

  sizeOf(name: string): number {
    return this.#real.sizeOf(name)
  }

  read(name: string, at: number, bytes: number): Uint8Array {
    this.#refuseIfOff()
    return this.#real.read(name, at, bytes)
  }

  async create(name: string): Promise<LogFile> {
    this.#refuseIfOff()
    await (await this.#real.create(name)).close()
    this.#pending.set(name, [])
    return this.#file(name)
  }

  openToWrite(name: string): Promise<LogFile> {
    this.#refuseIfOff()
    return Promise.resolve(this.#file(name))
  }

  claim(name: string, text: string): boolean {
    return this.#real.claim(name, text)
  }

  rename(from: string, to: string): void {
    this.#refuseIfOff()
    this.#names.push(() => this.#real.rename(from, to))
  }

  remove(name: string): void {
    this.#refuseIfOff()
    this.#names.push(() => {
      if (existsSync(this.pathOf(name))) unlinkSync(this.pathOf(name))
    })
  }

  syncNames(): void {
    this.#refuseIfOff()
    for (const change of this.#names.splice(0)) change()
  }

  /** The power goes: from now on nothing works, and what was not synced is there in parts. */
  cutPower(): void {
    this.#isOff = true
    const share = this.#chooser.pick([0, 0.5, 1])
    for (const [name, writes] of this.#pending) this.#write(name, this.#partsOf(writes, share))
    const kept = this.#chooser.between(0, this.#names.length)
    for (const change of this.#names.slice(0, kept)) change()
  }

  *#partsOf(writes: readonly PendingWrite[], share: number): Generator<PendingWrite> {
    for (const write of writes) {
      if (write.kind === 'truncate') {
        if (this.#chooser.chance(share)) yield write
        continue
      }
      const { at, bytes } = write
      for (let from = 0; from < bytes.length;) {
        const to = Math.min(bytes.length, from + SECTOR_BYTES - ((at + from) % SECTOR_BYTES))
        if (this.#chooser.chance(share)) {
          yield { kind: 'write', at: at + from, bytes: bytes.subarray(from, to) }
        }
        from = to
      }
    }
  }

  #file(name: string): LogFile {
    const pending = (): PendingWrite[] => {
      const known = this.#pending.get(name) ?? []
      this.#pending.set(name, known)
      return known
    }
    return {
      write: async (bytes, at) => {
        await this.#turn()
        if (this.isFull) throw Object.assign(new Error('no space left'), { code: 'ENOSPC' })
        pending().push({ kind: 'write', at, bytes: bytes.slice() })
      },
      sync: async () => {
        await this.#turn()
        this.#write(name, pending().splice(0))
      },
      truncate: async (bytes) => {
        await this.#turn()
        pending().push({ kind: 'truncate', bytes })
      },
      close: () => Promise.resolve(),
    }
  }

  /** Others go on in between, as with a disk. */
  async #turn(): Promise<void> {
    this.#refuseIfOff()
    await new Promise((resolve) => setImmediate(resolve))
    this.#refuseIfOff()
  }

  #write(name: string, writes: Iterable<PendingWrite>): void {
    if (!existsSync(this.pathOf(name))) return
    const descriptor = openSync(this.pathOf(name), 'r+')
    try {
      for (const write of writes) {
        if (write.kind === 'truncate') ftruncateSync(descriptor, write.bytes)
        else writeSync(descriptor, write.bytes, 0, write.bytes.length, write.at)
      }
    } finally {
      closeSync(descriptor)
    }
  }

  #refuseIfOff(): void {
    if (this.#isOff) throw Object.assign(new Error('the power is off'), { code: 'EIO' })
  }
}
