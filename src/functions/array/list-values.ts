import type { ElementType } from '../../data/types/data-type.ts'
import type { FunctionBuilder, Local } from '../../wasm/assembler/function-builder.ts'
import { valueKindOf } from '../../wasm/kernels/value-kinds.ts'
import { keep, lane } from '../emit.ts'
import type { InlineContext, Value } from '../inline.ts'
import { PAST_BYTES } from '../kernel-forms.ts'

/* Lists without text (data/types/bare-list.ts) of integers and moments, written by code: what is known of all of them is there. */

/** Bytes of the keys of elements, by their kind. */
const widths: Readonly<Partial<Record<string, 4 | 8>>> = {
  integer32: 4,
  date: 4,
  integer64: 8,
  time: 8,
  timestamp: 8,
  timestamptz: 8,
}

/** A mark and the number of dimensions, a length, a lower bound, the key's length. */
const END_BYTES = 14
/** The mark of an element that is there. */
const ELEMENT = 1
const ONE_DIMENSION = 0x0100
/** The lower bound 1 as a key has it. */
const FROM_ONE = 0x0100_0080

/** Bytes of the keys of such elements; undefined for elements that kernels write. */
export function listWidth(element: ElementType): 4 | 8 | undefined {
  return widths[valueKindOf(element) ?? '']
}

/** Emits: the view of a list of values, none of which is NULL. */
export function writeList(ctx: InlineContext, args: readonly Value[], width: 4 | 8): Local {
  const { f } = ctx
  const keys = args.length * (1 + width)
  const bytes = keys + END_BYTES
  f.i32(bytes + PAST_BYTES)
  ctx.allocateText()
  const target = keep(f, 'i32')
  args.forEach((value, index) => {
    const at = index * (1 + width)
    // From the first to the last: what is written past a key of four bytes is written again.
    f.get(target)
    if (width === 4) {
      pushTurned(f, lane(value))
      f.op('i64.extend_i32_u').i64(8n).op('i64.shl').i64(BigInt(ELEMENT)).op('i64.or')
      f.memory('i64.store', at)
    } else {
      f.i32(ELEMENT).memory('i32.store8', at)
      f.get(target)
      pushTurnedLong(f, lane(value))
      f.memory('i64.store', at + 1)
    }
  })
  f.get(target).i32(ONE_DIMENSION).memory('i32.store16', keys)
  f.get(target)
    .i32(args.length << 24)
    .memory('i32.store', keys + 2)
  f.get(target)
    .i64(BigInt(FROM_ONE) | (BigInt(keys + END_BYTES - 4) << 32n))
    .memory('i64.store', keys + 6)
  f.get(target)
    .op('i64.extend_i32_u')
    .i64(BigInt(bytes) << 32n)
    .op('i64.or')
  const view = keep(f, 'i64')
  ctx.settleText(target, view)
  return view
}

/** Pushes a number of four bytes as its key, the last byte first. */
function pushTurned(f: FunctionBuilder, value: Local): void {
  const bits = f.local('i32')
  f.get(value).i32(SIGN).op('i32.xor').set(bits)
  f.get(bits).i32(8).op('i32.rotl').i32(LOW_BYTES).op('i32.and')
  f.get(bits).i32(24).op('i32.rotl').i32(HIGH_BYTES).op('i32.and').op('i32.or')
  f.release(bits)
}

/** The same of eight bytes. */
function pushTurnedLong(f: FunctionBuilder, value: Local): void {
  const bits = f.local('i64')
  f.get(value).i64(SIGN_64).op('i64.xor').set(bits)
  for (const [bytes, mask] of halves) {
    f.get(bits).i64(mask).op('i64.and').i64(bytes).op('i64.shl')
    f.get(bits).i64(bytes).op('i64.shr_u').i64(mask).op('i64.and').op('i64.or').set(bits)
  }
  f.get(bits).i64(32n).op('i64.rotl')
  f.release(bits)
}

const SIGN = -0x8000_0000
const LOW_BYTES = 0x00ff_00ff
const HIGH_BYTES = ~LOW_BYTES
const SIGN_64 = -(2n ** 63n)
/** Neighbours change places: bytes, then pairs of them. */
const halves: readonly (readonly [bigint, bigint])[] = [
  [8n, 0x00ff_00ff_00ff_00ffn],
  [16n, 0x0000_ffff_0000_ffffn],
]
