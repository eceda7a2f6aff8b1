/** What an attribute or a field says. */
export type TraceValue = string | number | boolean

export type TraceLevel = 'debug' | 'info' | 'warning' | 'error'

/** A stretch of work that has begun. */
export interface TraceSpan {
  set(name: string, value: TraceValue): void
  /** Called once. `error`: what the work failed with. */
  end(error?: unknown): void
}

/**
 * Where an engine tells what it does, while it does it. It is passed in and never global; what is behind it
 * must not throw and must not wait. Called a few times a statement, never per row or batch.
 */
export interface Trace {
  /** Begins a span, as a part of another one or on its own. */
  span(name: string, within?: TraceSpan): TraceSpan
  /** Adds to a counter. */
  count(name: string, by: number): void
  log(level: TraceLevel, event: string, fields: Readonly<Record<string, TraceValue>>): void
}

/** The span of {@link noTrace}. */
export const noSpan: TraceSpan = { set() {}, end() {} }

/** Tells nobody, and makes nothing. */
export const noTrace: Trace = { span: () => noSpan, count() {}, log() {} }

/** What `work` promises, within a span. */
export function traced<T>(span: TraceSpan, work: () => Promise<T>): Promise<T> {
  return span === noSpan ? work() : within(span, work)
}

async function within<T>(span: TraceSpan, work: () => Promise<T>): Promise<T> {
  let result: T
  try {
    result = await work()
  } catch (error) {
    span.end(error)
    throw error
  }
  span.end()
  return result
}
