import { assert } from '../base/assert.ts'
import { errorFromData, errorToData, type QueryError } from '../base/errors.ts'
import type { Clock } from '../base/world.ts'
import type { ChunkLease } from '../data/vectors/chunk-lease.ts'
import type { ChunkStream, RunningStream } from '../data/vectors/chunk-stream.ts'
import type { Places, Waiting } from './places.ts'
import { canceled, StopSignal } from './run-query.ts'

/** What the rest of a task runs in. */
export interface RestSurroundings {
  readonly places: Places
  readonly clock: Pick<Clock, 'nowMs'>
  /** Aborted, with the error as its reason, when nothing more is to run. */
  readonly closing: AbortSignal
  /** Tells what runs to stop. */
  cancel(): void
  /** Called once, when nothing of the task runs or will run. */
  ended(rest: TaskRest): void
}

/**
 * The rows of a task that follow its first ones. While rows are read the next are made, and no more than these:
 * who reads slowly is waited for. What `timeoutMs` bounds is the time that making takes, not the reader's.
 */
export class TaskRest implements RunningStream {
  readonly #rows: ChunkStream
  readonly #around: RestSurroundings
  /** 0: no limit. */
  #leftMs: number
  /** What is being made, or was and nobody has taken. */
  #ahead: Promise<ChunkLease | undefined> | undefined
  #isMaking = false
  #isClosed = false
  #hasEnded = false
  #waiting: Waiting | undefined
  readonly ended: Promise<void>
  #tellEnd: () => void = () => {}
  /** Why it ends before its rows do. */
  #reason: QueryError | undefined

  constructor(rows: ChunkStream, timeoutMs: number, around: RestSurroundings) {
    this.#rows = rows
    this.#around = around
    this.#leftMs = timeoutMs
    this.ended = new Promise((resolve) => (this.#tellEnd = resolve))
    this.#makeAhead()
  }

  get heldBytes(): number {
    return this.#rows.heldBytes
  }

  async next(signal?: AbortSignal): Promise<ChunkLease | undefined> {
    const onAbort = (): void => this.stop(canceled())
    if (signal?.aborted === true) onAbort()
    if (this.#reason !== undefined) throw this.#reason
    if (this.#isClosed) return undefined
    signal?.addEventListener('abort', onAbort, { once: true })
    try {
      const ahead = this.#ahead
      assert(ahead !== undefined, 'rows are asked for twice')
      this.#ahead = undefined
      const lease = await ahead
      if (lease === undefined) this.close()
      else if (this.#isClosed) lease.release()
      else this.#makeAhead()
      if (this.#reason !== undefined) throw this.#reason
      return this.#isClosed ? undefined : lease
    } catch (error) {
      this.close()
      throw error
    } finally {
      signal?.removeEventListener('abort', onAbort)
    }
  }

  /** Ends it with an error, for whoever asks next. */
  stop(reason: QueryError): void {
    this.#reason ??= reason
    this.close()
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    if (this.#isMaking) this.#around.cancel()
    this.#waiting?.leave(canceled())
    void this.#ahead?.then(
      (lease) => lease?.release(),
      () => {},
    )
    this.#ahead = undefined
    this.#endIfIdle()
  }

  #makeAhead(): void {
    this.#isMaking = true
    const ahead = this.#make()
    // Whoever asks is told of its error.
    ahead.catch(() => {})
    this.#ahead = ahead
  }

  async #make(): Promise<ChunkLease | undefined> {
    const { clock, closing, places } = this.#around
    const began = clock.nowMs()
    const stop = new StopSignal({ timeoutMs: this.#leftMs }, [closing])
    let hasPlace = false
    try {
      stop.onStop((error) => this.stop(error))
      if (!places.take()) {
        this.#waiting = places.wait()
        await this.#waiting.turn
      }
      hasPlace = true
      return await this.#rows.next()
    } catch (error) {
      throw this.#reason ?? errorFromData(errorToData(error))
    } finally {
      this.#waiting = undefined
      if (this.#leftMs > 0) this.#leftMs = Math.max(1, this.#leftMs - (clock.nowMs() - began))
      stop.dispose()
      if (hasPlace) places.giveBack()
      this.#isMaking = false
      if (this.#isClosed) this.#endIfIdle()
    }
  }

  #endIfIdle(): void {
    if (this.#isMaking || this.#hasEnded) return
    this.#hasEnded = true
    this.#rows.close()
    this.#around.ended(this)
    this.#tellEnd()
  }
}
