import { closeSync, fsyncSync, openSync, readdirSync, readSync, statSync } from 'node:fs'
import { linkSync, mkdirSync, renameSync, unlinkSync, writeFileSync } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'

/** A file that is being written. */
export interface LogFile {
  /** Writes bytes at a place; they are kept for sure after {@link sync} only. */
  write(bytes: Uint8Array, at: number): Promise<void>
  /** What was written is on the disk. */
  sync(): Promise<void>
  truncate(bytes: number): Promise<void>
  close(): Promise<void>
}

/** The files of one folder, by name. A test may put one in its place that forgets what was not synced. */
export interface LogDisk {
  /** Where a file is for those who read it as one of the system's. */
  pathOf(name: string): string
  names(): readonly string[]
  /** Bytes of a file. */
  sizeOf(name: string): number
  /** So many bytes of a file from a place on, fewer where it ends. */
  read(name: string, at: number, bytes: number): Uint8Array
  /** Makes a file, empty where there was one; its name is kept for sure after {@link syncNames} only. */
  create(name: string): Promise<LogFile>
  openToWrite(name: string): Promise<LogFile>
  /** Makes a file with these bytes, all at once; false where there is one of that name. */
  claim(name: string, text: string): boolean
  rename(from: string, to: string): void
  remove(name: string): void
  /** Which names there are is on the disk. */
  syncNames(): void
}

/** A folder of the system's, made where there is none. */
export class FolderDisk implements LogDisk {
  readonly #folder: string
  #claims = 0

  constructor(folder: string) {
    this.#folder = folder
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  }

  pathOf(name: string): string {
    return join(this.#folder, name)
  }

  names(): readonly string[] {
    return readdirSync(this.#folder)
  }

  sizeOf(name: string): number {
    return statSync(this.pathOf(name)).size
  }

  read(name: string, at: number, bytes: number): Uint8Array {
    const into = new Uint8Array(bytes)
    const descriptor = openSync(this.pathOf(name), 'r')
    try {
      let done = 0
      while (done < bytes) {
        const read = readSync(descriptor, into, done, bytes - done, at + done)
        if (read === 0) break
        done += read
      }
      return into.subarray(0, done)
    } finally {
      closeSync(descriptor)
    }
  }

  async create(name: string): Promise<LogFile> {
    return new FolderFile(await open(this.pathOf(name), 'w', 0o600))
  }

  async openToWrite(name: string): Promise<LogFile> {
    return new FolderFile(await open(this.pathOf(name), 'r+'))
  }

  claim(name: string, text: string): boolean {
    const whole = this.pathOf(`${name}.${process.pid}.${++this.#claims}`)
    writeFileSync(whole, text, { mode: 0o600 })
    try {
      linkSync(whole, this.pathOf(name))
      return true
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
      throw error
    } finally {
      unlinkSync(whole)
    }
  }

  rename(from: string, to: string): void {
    renameSync(this.pathOf(from), this.pathOf(to))
  }

  remove(name: string): void {
    unlinkSync(this.pathOf(name))
  }

  syncNames(): void {
    const descriptor = openSync(this.#folder, 'r')
    try {
      fsyncSync(descriptor)
    } finally {
      closeSync(descriptor)
    }
  }
}

class FolderFile implements LogFile {
  readonly #handle: FileHandle

  constructor(handle: FileHandle) {
    this.#handle = handle
  }

  async write(bytes: Uint8Array, at: number): Promise<void> {
    for (let done = 0; done < bytes.length;) {
      const left = bytes.length - done
      const { bytesWritten } = await this.#handle.write(bytes, done, left, at + done)
      done += bytesWritten
    }
  }

  sync(): Promise<void> {
    return this.#handle.datasync()
  }

  truncate(bytes: number): Promise<void> {
    return this.#handle.truncate(bytes)
  }

  close(): Promise<void> {
    return this.#handle.close()
  }
}
