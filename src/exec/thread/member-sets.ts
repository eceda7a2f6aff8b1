import { assert, present } from '../../base/assert.ts'
import { spend } from '../../base/budget.ts'
import { memberForm, wordSet, type MemberForm } from '../../compile/expressions/in-set.ts'
import type { Arena } from '../../data/arenas/arena.ts'
import type { DataType } from '../../data/types/data-type.ts'
import { isInterval, isNumeric, type Scalar } from '../../data/types/scalar.ts'
import { WideNumerics, writeNumericSlot } from '../../data/vectors/numeric-slots.ts'
import { comparedBytes } from '../../data/vectors/text-values.ts'
import type { Address } from '../../data/vectors/vector.ts'
import type { InSet } from '../../plan/logical/expression.ts'
import type { Kernels } from '../../wasm/kernels/loader.ts'

/** Bits for each slot of words, of which there are two a member at least: few that are no members have one. */
const HASH_BITS_A_SLOT = 8
/** Integers within so many numbers have a bit a number: 32 KiB, which stay near. */
const SPAN_ALWAYS = 262_144n
/** Beyond it such a bit set takes a few times what the slots do. */
const SPAN_A_MEMBER_MAX = 256n
const SPAN_MAX = 268_435_456n

const PAIR_HEADER_BYTES = 8
const SLOT_BYTES = 8
const MEMBER_BYTES = 16

/** What entering a member costs, in steps of a budget. */
const MEMBER_STEPS = 16
/** Members that are entered between two looks at the budget. */
const MEMBERS_AT_ONCE = 4_096

/** What stands in free slots of words where it is not a member, else one of the numbers above it. */
const FREE_WORD = 0x5f3a_91c4_77e2_d06bn
/** A NaN that no value is, as all of them are brought to one. */
const FREE_DOUBLE = 0x7ff8_0000_0000_0001n

/** Numbers by which the kernels name what is equal. */
const pairKinds: Readonly<Record<Exclude<MemberForm, 'word'>, number>> = {
  pair: 0,
  text: 1,
  numeric: 2,
  interval: 3,
}

/**
 * Makes the set of an IN's members in the arena, for generated code to look values up in; gives its
 * address. Takes time that grows with the members, and spends of the budget in force.
 */
export function writeMemberSet(arena: Arena, kernels: Kernels, { arg, values }: InSet): Address {
  const form = memberForm(arg.type)
  return form === 'word'
    ? writeWordSet(arena, kernels, arg.type, values)
    : writePairSet(arena, kernels, arg.type, values, pairKinds[form])
}

function slotsFor(members: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(members, 1) * 2))
}

function writeWordSet(
  arena: Arena,
  kernels: Kernels,
  type: DataType,
  values: readonly Scalar[],
): Address {
  const { view, u32, i64 } = arena.heap
  const slots = slotsFor(values.length)
  const set = arena.allocate(wordSet.headerBytes + slots * SLOT_BYTES)
  const words = arena.allocate(Math.max(values.length, 1) * SLOT_BYTES)
  const isFloat = type.kind === 'float4' || type.kind === 'float8'
  const free = isFloat ? FREE_DOUBLE : freeWord(values)
  const { least, span } = isFloat ? noSpan : spanOf(values)
  const hashBits = slots * HASH_BITS_A_SLOT
  u32[set >>> 2] = slots - 1
  // A bit more is that of all numbers outside.
  const bits = span > 0n ? Number(span) + 1 : hashBits
  u32[(set + wordSet.bits) >>> 2] = arena.allocateZeroed(Math.ceil(bits / 8))
  view.setBigInt64(set + wordSet.free, free, true)
  view.setBigInt64(set + wordSet.least, least, true)
  view.setBigInt64(set + wordSet.span, span, true)
  u32[(set + wordSet.bitsMask) >>> 2] = hashBits - 1
  i64.fill(free, (set + wordSet.headerBytes) / 8, (set + wordSet.headerBytes) / 8 + slots)
  for (let from = 0; from < values.length; from += MEMBERS_AT_ONCE) {
    const to = Math.min(from + MEMBERS_AT_ONCE, values.length)
    for (let i = from; i < to; i++) writeWord(view, words + i * SLOT_BYTES, values[i]!, isFloat)
    kernels.call('wordSetEnter', set, words + from * SLOT_BYTES, to - from)
    spend((to - from) * MEMBER_STEPS)
  }
  return set
}

const noSpan = { least: 0n, span: 0n } as const

/** The numbers from the least member to the greatest, where these are few enough for a bit each. */
function spanOf(values: readonly Scalar[]): { readonly least: bigint; readonly span: bigint } {
  if (values.length === 0) return noSpan
  const [first = 0n, ...others] = values.map((value) => BigInt(value as number | bigint | boolean))
  let [least, greatest] = [first, first]
  for (const value of others) {
    if (value < least) least = value
    if (value > greatest) greatest = value
  }
  const span = greatest - least + 1n
  const worthwhile = BigInt(values.length) * SPAN_A_MEMBER_MAX
  const isNear = span <= SPAN_ALWAYS || (span <= worthwhile && span <= SPAN_MAX)
  return isNear ? { least, span } : noSpan
}

function freeWord(values: readonly Scalar[]): bigint {
  let free = FREE_WORD
  if (!values.includes(free)) return free
  const members = new Set(values)
  while (members.has(free)) free++
  return free
}

function writeWord(view: DataView, at: number, value: Scalar, isFloat: boolean): void {
  if (typeof value === 'bigint') return view.setBigInt64(at, value, true)
  const number = Number(value)
  if (!isFloat) {
    view.setInt32(at, number, true)
    return view.setInt32(at + 4, number >> 31, true)
  }
  // One zero and one NaN, as canonicalDouble has them.
  if (Number.isNaN(number)) return view.setBigInt64(at, 0x7ff8_0000_0000_0000n, true)
  view.setFloat64(at, number + 0, true)
}

function writePairSet(
  arena: Arena,
  kernels: Kernels,
  type: DataType,
  values: readonly Scalar[],
  pairKind: number,
): Address {
  const { heap } = arena
  const slots = slotsFor(values.length)
  const set = arena.allocateZeroed(PAIR_HEADER_BYTES + slots * SLOT_BYTES)
  const members = arena.allocate(Math.max(values.length, 1) * MEMBER_BYTES)
  heap.u32[set >>> 2] = slots - 1
  heap.u32[(set + 4) >>> 2] = members
  const write =
    pairKind === pairKinds.text ? textWriter(arena, type, values) : pairWriter(arena, type.kind)
  for (let from = 0; from < values.length; from += MEMBERS_AT_ONCE) {
    const to = Math.min(from + MEMBERS_AT_ONCE, values.length)
    for (let i = from; i < to; i++) write(members + i * MEMBER_BYTES, values[i]!)
    kernels.call('pairSetEnter', set, pairKind, from, to)
    spend((to - from) * MEMBER_STEPS)
  }
  return set
}

type MemberWriter = (at: number, value: Scalar) => void

function pairWriter(arena: Arena, kind: DataType['kind']): MemberWriter {
  const { heap } = arena
  const wide = new WideNumerics(arena)
  return (at, value) => {
    if (isNumeric(value)) return writeNumericSlot(heap, at, value, wide)
    if (isInterval(value)) {
      heap.view.setInt32(at, value.months, true)
      heap.view.setInt32(at + 4, value.days, true)
      return heap.view.setBigInt64(at + 8, value.micros, true)
    }
    assert(typeof value === 'bigint', `member of another type than ${kind}`)
    heap.view.setBigInt64(at, BigInt.asIntN(64, value), true)
    heap.view.setBigInt64(at + 8, BigInt.asIntN(64, value >> 64n), true)
  }
}

/** Texts lie one behind the other, eight readable bytes behind the last. */
function textWriter(arena: Arena, type: DataType, values: readonly Scalar[]): MemberWriter {
  const { view, u8 } = arena.heap
  const bytesOf = (value: Scalar): Uint8Array =>
    comparedBytes(present(value, 'a NULL among members'), type)
  const room = values.reduce((bytes: number, value) => bytes + bytesOf(value).length, 0)
  let next: number = arena.allocate(Math.max(room, 1))
  return (at, value) => {
    const bytes = bytesOf(value)
    u8.set(bytes, next)
    view.setUint32(at, next, true)
    view.setUint32(at + 4, bytes.length, true)
    next += bytes.length
  }
}
