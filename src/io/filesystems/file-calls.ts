import { readdirSync, realpathSync, statSync, type Dirent, type Stats } from 'node:fs'
import { readdir, realpath, stat } from 'node:fs/promises'
import { Slices } from './slices.ts'

/** Calls that are made at once before what they take is judged: one alone may only have waited for a core. */
const CALLS_JUDGED_MIN = 8
/** A file system whose answers take longer on average, in milliseconds, is asked for many at a time. */
const ANSWER_MS_MAX = 0.5

/** What comes at once, or later; a call that fails at once throws. */
export type Answer<T> = T | Promise<T>

/**
 * Asks the file system what one location stands for. A local disk answers sooner than another thread could
 * be told to ask it, so it is asked at once, in slices; one that answers late, as networks do, is asked by
 * other threads, and the event loop is free meanwhile.
 */
export class FileCalls {
  readonly #slices = new Slices()
  #calls = 0
  #ms = 0

  /** What a folder holds. */
  folder(path: string): Answer<readonly Dirent[]> {
    return this.#ask(
      () => readdirSync(path, { withFileTypes: true }),
      () => readdir(path, { withFileTypes: true }),
    )
  }

  /** What a path leads to. */
  stat(path: string): Answer<Stats> {
    return this.#ask(
      () => statSync(path),
      () => stat(path),
    )
  }

  /** Where a path really is, symbolic links resolved. */
  realPath(path: string): Answer<string> {
    return this.#ask(
      () => realpathSync.native(path),
      () => realpath(path),
    )
  }

  #ask<T>(now: () => T, later: () => Promise<T>): Answer<T> {
    if (this.#calls >= CALLS_JUDGED_MIN && this.#ms > this.#calls * ANSWER_MS_MAX) return later()
    const pause = this.#slices.pause()
    return pause === undefined ? this.#timed(now) : pause.then(() => this.#timed(now))
  }

  #timed<T>(call: () => T): T {
    const began = performance.now()
    try {
      return call()
    } finally {
      this.#calls++
      this.#ms += performance.now() - began
    }
  }
}
