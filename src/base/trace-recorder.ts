import type { Trace, TraceLevel, TraceSpan, TraceValue } from './trace.ts'
import type { Clock } from './world.ts'

/** A span as it was told. */
export interface RecordedSpan {
  readonly name: string
  /** The span that it was a part of. */
  readonly within: RecordedSpan | undefined
  readonly attributes: ReadonlyMap<string, TraceValue>
  readonly beganMs: number
  /** Undefined while it lasts. */
  readonly endedMs: number | undefined
  readonly error: unknown
}

export interface RecordedEvent {
  readonly level: TraceLevel
  readonly event: string
  readonly fields: Readonly<Record<string, TraceValue>>
}

/** What is told beyond so much is counted as dropped. */
const RECORDS_MAX = 10_000

/** Keeps what an engine tells, in the order in which it began. */
export class TraceRecorder implements Trace {
  readonly counters = new Map<string, number>()
  readonly #clock: Pick<Clock, 'nowMs'>
  readonly #recordsMax: number
  readonly #spans: OpenSpan[] = []
  readonly #events: RecordedEvent[] = []
  #dropped = 0

  constructor(clock: Pick<Clock, 'nowMs'>, recordsMax = RECORDS_MAX) {
    this.#clock = clock
    this.#recordsMax = recordsMax
  }

  get spans(): readonly RecordedSpan[] {
    return this.#spans
  }

  get events(): readonly RecordedEvent[] {
    return this.#events
  }

  /** Spans and events that there was no room for. */
  get dropped(): number {
    return this.#dropped
  }

  span(name: string, within?: TraceSpan): TraceSpan {
    const parent = within instanceof OpenSpan ? within : undefined
    const span = new OpenSpan(this.#clock, name, parent)
    if (this.#hasRoom()) this.#spans.push(span)
    return span
  }

  count(name: string, by: number): void {
    this.counters.set(name, (this.counters.get(name) ?? 0) + by)
  }

  log(level: TraceLevel, event: string, fields: Readonly<Record<string, TraceValue>>): void {
    if (this.#hasRoom()) this.#events.push({ level, event, fields })
  }

  #hasRoom(): boolean {
    const hasRoom = this.#spans.length + this.#events.length < this.#recordsMax
    if (!hasRoom) this.#dropped++
    return hasRoom
  }
}

class OpenSpan implements RecordedSpan, TraceSpan {
  readonly name: string
  readonly within: OpenSpan | undefined
  readonly attributes = new Map<string, TraceValue>()
  readonly beganMs: number
  readonly #clock: Pick<Clock, 'nowMs'>
  endedMs: number | undefined
  error: unknown

  constructor(clock: Pick<Clock, 'nowMs'>, name: string, within: OpenSpan | undefined) {
    this.#clock = clock
    this.name = name
    this.within = within
    this.beganMs = clock.nowMs()
  }

  set(name: string, value: TraceValue): void {
    this.attributes.set(name, value)
  }

  end(error?: unknown): void {
    this.endedMs = this.#clock.nowMs()
    this.error = error
  }
}
