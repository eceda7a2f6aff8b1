import type { ValueBounds } from '../data/types/value-bounds.ts'
import type { KernelName } from '../wasm/kernels/signatures.ts'
import type { DataType } from '../data/types/data-type.ts'
import type { FunctionBuilder, FunctionIndex, Local } from '../wasm/assembler/function-builder.ts'

/**
 * A value inside generated code: locals that hold it.
 *
 * | type | lanes |
 * |---|---|
 * | bool (0 or 1), int2, int4, date | i32 |
 * | int8, time, timestamp, timestamptz, decimal up to 18 digits | i64 |
 * | decimal over 18 digits | i64 low, i64 high; or one i64 when `range` fits in 64 bits |
 * | uuid | i64 low, i64 high; or one i64 when `range` fits in 64 bits |
 * | numeric | i64 low, i64 high (layout `numeric`) |
 * | float4, float8 | f32, f64 |
 * | interval | i64 (days << 32 \| months as u32), i64 microseconds |
 * | text, bytea | i64 view: address in the low 32 bits, byte length in the high 32 |
 */
export interface Value {
  readonly type: DataType
  readonly lanes: readonly Local[]
  /** i32 local, 1 = not NULL; undefined: cannot be NULL. Lanes of a NULL hold some legal value. */
  readonly valid: Local | undefined
  readonly range: ValueBounds | undefined
}

/**
 * Why generated code stops the query, by the number that it gives. `raise` gets it together with the
 * expression at fault.
 */
export const raiseReasons = [
  'division-by-zero',
  'smallint-out-of-range',
  'integer-out-of-range',
  'bigint-out-of-range',
  'numeric-overflow',
  'float-out-of-range',
  'float-underflow',
  'datetime-out-of-range',
  'date-beyond-timestamps',
  'interval-out-of-range',
  'invalid-argument',
  'more-than-one-row',
  'negative-substring-length',
  'negative-square-root',
  'escape-at-end',
] as const

export type RaiseReason = (typeof raiseReasons)[number]

/** What code that is emitted anywhere may use of the code generator. */
export interface CodeContext {
  readonly f: FunctionBuilder
  /** Emits code that ends the query with an error of the call being compiled; never returns at run time. */
  raise(reason: RaiseReason): void
  /** A static kernel, imported into the module under construction. */
  kernel(name: KernelName): FunctionIndex
  /**
   * Emits: bytes on the stack (i32) -> address (i32) of that many writable bytes which live until the
   * current batch of rows is done.
   */
  allocateText(): void
}

/** What an inline form may use of the code generator. */
export interface InlineContext extends CodeContext {
  /** The address of {@link WORKSPACE_BYTES} bytes that are a kernel's until it returns. */
  workspace(): Local
  /**
   * The address of so many bytes in which this call's kernel may keep what it found for the rows before. They are 0 when
   * a thread begins to run the code, and are not shared with another one.
   */
  kept(bytes: number): Local
  /** A view of bytes that are a part of the code. */
  bytes(content: Uint8Array): Local
  /**
   * Emits: gives back what {@link CodeContext.allocateText} gave last, at `target`, but for the bytes of
   * `view` where these lie there.
   */
  settleText(target: Local, view: Local): void
  /**
   * Emits: evaluates the call or cast being compiled in TypeScript, with its own arguments, for rows that its
   * inline form leaves out. The lanes of the result go to the locals `into`, which stay as they are where a NULL
   * argument makes the result NULL or no error of the row counts; whether it is not NULL goes to `valid`,
   * which may be left out where it never is.
   */
  elsewhere(into: readonly Local[], valid?: Local): void
}

/** What the kernels on exact numbers need, see wasm/kernels/assembly/exact.ts. */
export const WORKSPACE_BYTES = 384

/** Results of a call that were found before, see wasm/kernels/assembly/functions/found-before.ts. */
export const KNOWN_BYTES = 16 + 256 * 32

/**
 * Emits the function for arguments that are known not to be NULL (their `valid` is to be ignored) and
 * returns the lanes of the result, and `valid` where that may be NULL all the same. For `nulls: 'called'`
 * functions it sees `valid` of the arguments and returns that of the result.
 */
export type InlineForm = (
  ctx: InlineContext,
  args: readonly Value[],
  result: DataType,
) => Pick<Value, 'lanes'> & Partial<Pick<Value, 'range' | 'valid'>>
