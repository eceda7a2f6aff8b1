import type { QueryError } from '../../../base/errors.ts'
import type { Address } from '../../../data/vectors/vector.ts'
import type { ReaderEnvironment } from '../../scan/source.ts'
import type { KernelArguments, KernelName } from '../../../wasm/kernels/signatures.ts'
import { badFile } from './bad-file.ts'
import type { ParquetColumn } from './schema.ts'
import { Scratch } from '../scratch.ts'

/** Bytes that the zstd kernel works in: tables and the literals of one block. */
export const ZSTD_WORKSPACE_BYTES = 24_576 + 131_072 + 128
/** Bytes that the DELTA kernels work in. */
const DELTA_WORKSPACE_BYTES = 64 + 8 * 8_192

/** What the decoders of one reader share: kernels and working memory, used by one page at a time. */
export interface DecodeContext {
  readonly env: ReaderEnvironment
  /** One kernel call whose result is a small number. */
  call<K extends KernelName>(name: K, ...args: KernelArguments<K>): number
  /** One kernel call whose result is an address. */
  callAddress<K extends KernelName>(name: K, ...args: KernelArguments<K>): Address
  readonly compressed: Scratch
  readonly page: Scratch
  readonly levels: Scratch
  readonly codes: Scratch
  readonly values: Scratch
  readonly packed: Scratch
  /** Values at 8 bytes, before they are narrowed. */
  readonly wide: Scratch
  /** Values without NULLs, before they are spread over the rows. */
  readonly dense: Scratch
  readonly lengths: Scratch
  readonly suffixes: Scratch
  readonly offsets: Scratch
  readonly zstd: Scratch
  readonly delta: Scratch
}

export function createContext(env: ReaderEnvironment): DecodeContext {
  const scratch = (): Scratch => new Scratch(env.heap)
  const zstd = scratch()
  const delta = scratch()
  zstd.ensure(ZSTD_WORKSPACE_BYTES)
  delta.ensure(DELTA_WORKSPACE_BYTES)
  return {
    env,
    call: (name, ...args) => Number(env.kernels.call(name, ...args)),
    callAddress: (name, ...args) => (Number(env.kernels.call(name, ...args)) >>> 0) as Address,
    compressed: scratch(),
    page: scratch(),
    levels: scratch(),
    codes: scratch(),
    values: scratch(),
    packed: scratch(),
    wide: scratch(),
    dense: scratch(),
    lengths: scratch(),
    suffixes: scratch(),
    offsets: scratch(),
    zstd,
    delta,
  }
}

export function freeContext(ctx: DecodeContext): void {
  const { compressed, page, levels, codes, values, packed, lengths, suffixes } = ctx
  const all = [compressed, page, levels, codes, values, packed, lengths, suffixes]
  for (const scratch of [...all, ctx.wide, ctx.dense, ctx.offsets, ctx.zstd, ctx.delta])
    scratch.release()
}

/** Where the decoders are, for messages. */
export interface PlaceInFile {
  readonly location: string
  readonly column: ParquetColumn
  /** Counts from 0. */
  readonly group: number
  /** Row of the file at which the page begins, counting from 1. */
  readonly row: number
}

export function badPage(
  place: PlaceInFile,
  message: string,
  details: { readonly expected?: string; readonly found?: string } = {},
): QueryError {
  return badFile(place.location, `row group ${place.group + 1}: ${message}`, {
    ...details,
    column: place.column.name,
    row: place.row,
  })
}
