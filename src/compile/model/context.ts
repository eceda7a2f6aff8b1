import { unreachable } from '../../base/assert.ts'
import { WORKSPACE_BYTES } from '../../functions/inline.ts'
import type { BreakerId } from './pipeline.ts'

/** Rows that flow through a pipeline at once, unless it says otherwise; buffers have room for these. */
export const BATCH_ROWS = 1_024

/** Fixed words of the context block, by byte offset. The running thread fills them. */
export const contextWords = {
  /** Text that lives as long as the batch: next free byte, end, and where a batch starts over. */
  textCursor: 0,
  textEnd: 4,
  textBase: 8,
  /** Text that lives as long as the query: next free byte, end. */
  keepCursor: 12,
  keepEnd: 16,
  /** Source 0 over rows in a page: the page; sorted rows: the list of addresses. */
  driver: 20,
  /** Group address by combined key code, while the dense path is on. */
  denseDirectory: 24,
  /** Rows that may still flow between legs before the thread looks at the cancel word. */
  checkpointRows: 28,
  /** 1 once the text of the batch has another block than the one that it began in. */
  textGrown: 32,
  first: 64,
} as const

/** What an address word of the context block points at; the running thread binds it. */
export type Binding =
  | {
      readonly kind: 'column'
      readonly source: number
      readonly column: number
      readonly part: ColumnPart
    }
  /** State of a breaker that earlier pipelines finished or that this thread fills. */
  | { readonly kind: 'state'; readonly breaker: BreakerId; readonly part: StatePart }
  /** The lanes of a literal, or an i32 that a filter compares lanes with. */
  | { readonly kind: 'parameter' | 'lane-constant'; readonly index: number }
  /** The set of an IN's members; `set` counts the module's sets. */
  | { readonly kind: 'set'; readonly set: number }
  /** Bytes of text that are a part of the code, kept with the context. */
  | { readonly kind: 'text'; readonly bytes: Uint8Array }
  /**
   * Bytes: what a condition over a dictionary-encoded column of source 0 gives for NULL, then for each
   * code; bit 0 TRUE, bit 1 not NULL. `decision` counts the module's decisions.
   */
  | {
      readonly kind: 'decision'
      readonly source: number
      readonly column: number
      readonly decision: number
    }
  /** A u32 for each code of a dictionary-encoded column of source 0: the join row found for it. */
  | {
      readonly kind: 'memo'
      readonly source: number
      readonly column: number
      readonly breaker: BreakerId
    }
  /** The values of an expression by the entries of a column of source 0; `number` counts these tables. */
  | {
      readonly kind: 'entry-values'
      readonly source: number
      readonly column: number
      readonly number: number
    }
  /** How much one step of this key's code moves the dense index; the key's smallest value, an i64. */
  | { readonly kind: 'dense-stride' | 'dense-base'; readonly key: number }

export type ColumnPart =
  | 'values'
  | 'validity'
  | 'offsets'
  | 'dictionary-values'
  | 'dictionary-offsets'

export type StatePart =
  | 'directory'
  | 'shift'
  | 'bloom'
  | 'bloom-shift'
  | 'rank-words'
  | 'rank-rows'
  /** Smallest key of a rank index and the way from there to the largest, i64 each. */
  | 'rank-min'
  | 'rank-span'
  | 'null-row'
  | 'build-is-empty'
  | 'build-has-null'
  | 'pages'
  | 'page-count'
  /** The mutable words of a sink's table or writer, see sinkWords. */
  | 'sink'
  /** Accumulators of an aggregate without keys. */
  | 'single-row'

/**
 * A page of rows that lie in an order, in the list of a range's pages: its rows, then its smallest low key, its
 * largest high one, and the largest high key of it and those before.
 */
export const rangePage = { row: 0, rows: 4, low: 8, high: 16, highest: 24, bytes: 32 } as const

/** Mutable words of a row writer, group table or output writer. */
export const sinkWords = {
  cursor: 0,
  end: 4,
  directory: 8,
  mask: 12,
  /** Groups, and how many the directory takes; top-k: rows since it was pruned, and with how many it wants to be again. */
  count: 16,
  countMax: 20,
  /** Top-k: address of the worst row that is still in; 0 while fewer rows than wanted are there. */
  threshold: 24,
  bytes: 64,
} as const

/** Hands out the words of one module's context block. */
export class ContextLayout {
  readonly bindings: { readonly offset: number; readonly binding: Binding }[] = []
  readonly #known = new Map<string, number>()
  #next: number = contextWords.first
  #workspace: number | undefined

  /** Offset of the bytes that hold what the binding names, 8 at least; once for equal bindings. */
  word(binding: Exclude<Binding, { kind: 'text' }>, bytes = 8): number {
    const key = wordKey(binding)
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const offset = this.scratch(bytes)
    this.bindings.push({ offset, binding })
    this.#known.set(key, offset)
    return offset
  }

  /** Offset of the word that holds the address of a literal's bytes. */
  text(bytes: Uint8Array): number {
    const offset = this.scratch(4)
    this.bindings.push({ offset, binding: { kind: 'text', bytes } })
    return offset
  }

  /** Offset of the bytes that kernels work in, the same for all calls. */
  get workspace(): number {
    this.#workspace ??= this.scratch(WORKSPACE_BYTES)
    return this.#workspace
  }

  /** Bytes of the block itself, 8-byte aligned. */
  scratch(bytes: number): number {
    const offset = this.#next
    this.#next += Math.ceil(bytes / 8) * 8
    return offset
  }

  get bytes(): number {
    return this.#next
  }
}

function wordKey(binding: Exclude<Binding, { kind: 'text' }>): string {
  switch (binding.kind) {
    case 'column':
      return `column ${binding.source} ${binding.column} ${binding.part}`
    case 'state':
      return `state ${binding.breaker} ${binding.part}`
    case 'parameter':
    case 'lane-constant':
      return `${binding.kind} ${binding.index}`
    case 'set':
      return `set ${binding.set}`
    case 'decision':
      return `decision ${binding.source} ${binding.column} ${binding.decision}`
    case 'entry-values':
      return `entry-values ${binding.number}`
    case 'memo':
      return `memo ${binding.source} ${binding.column} ${binding.breaker}`
    case 'dense-stride':
    case 'dense-base':
      return `${binding.kind} ${binding.key}`
    default:
      return unreachable(binding)
  }
}
