import { assert, present, unreachable } from '../../../base/assert.ts'
import type { Value } from '../../../functions/inline.ts'
import type { FunctionBuilder, Local } from '../../../wasm/assembler/function-builder.ts'
import { emitDeviation, emitDeviationBytes, emitDeviationMerge } from './deviation-state.ts'
import { emitExtreme } from './extreme-state.ts'
import { emitFoldMerge } from './fold-state.ts'
import { isChecked } from '../scope/finish-sum.ts'
import type { EmitScope } from '../scope/emit-scope.ts'
import { keep } from '../../../functions/emit.ts'
import {
  emitSum as emitNumericSum,
  UPPER,
  type Words,
} from '../../../functions/operators/numeric-inline.ts'
import type { RowField, StateShape, SumKind } from '../../model/row-layout.ts'
import { type NumericSum, type StateCells, loadCells } from '../scope/state-cells.ts'
import { withAllLanes } from '../scope/values.ts'
import { addLongNumeric } from './long-sums.ts'
import { listCells } from '../../model/row-layout.ts'

/**
 * Adds a value to a state where `when` (i32, 0 or 1; undefined: always) holds. `arg` is undefined for
 * count(*). Text is copied when `stable` is false, as it must outlive its batch.
 */
export function emitUpdate(
  scope: EmitScope,
  state: StateShape,
  cells: StateCells,
  arg: Value | undefined,
  when: Local | undefined,
  stable: boolean,
): void {
  const { f } = scope
  switch (state.accumulator) {
    case 'count':
    case 'count-star':
      cells.set(0, () => {
        cells.get(0)
        if (when === undefined) f.i64(1n)
        else f.get(when).op('i64.extend_i32_u')
        f.op('i64.add')
      })
      return
    case 'sum':
    case 'sum-zero':
      emitSum(scope, state, cells, present(arg, 'sum without value'), when)
      emitSeen(f, cells, when)
      return
    case 'sum-squares': {
      const [low, high] = present(arg, 'sum without value').lanes
      if (when !== undefined) f.get(when).if()
      cells.address(0)
      f.get(low!).get(high!).call(scope.kernel('numericAddSquareInto')).if()
      addLongNumeric(scope, 'addNumericSquare', cells, { low: low!, high: high! })
      f.end()
      if (when !== undefined) f.end()
      emitSeen(f, cells, when)
      return
    }
    case 'deviation':
    case 'deviation-merge': {
      const value = present(arg, 'aggregate without value')
      if (when !== undefined) f.get(when).if()
      if (state.accumulator === 'deviation') emitDeviation(scope, cells, value.lanes[0]!)
      else emitDeviationBytes(scope, cells, value)
      if (when !== undefined) f.end()
      emitSeen(f, cells, when)
      return
    }
    case 'bool-and':
    case 'bool-or':
      emitBool(f, state, cells, present(arg, 'aggregate without value'), when)
      emitSeen(f, cells, when)
      return
    case 'bit-and':
    case 'bit-or':
    case 'bit-xor':
      emitBits(f, state.accumulator, cells, present(arg, 'aggregate without a value'), when)
      return
    case 'fold':
    case 'collect':
      return assert(false, 'rows with several arguments are added elsewhere')
    case 'min':
    case 'max':
    case 'any-value':
      emitExtreme(scope, state, cells, present(arg, 'aggregate without value'), when, stable)
      return
    default:
      return unreachable(state.accumulator)
  }
}

/** Adds the state of another row (of the same layout) to this one's. */
export function emitMerge(
  scope: EmitScope,
  state: StateShape,
  into: StateCells,
  from: Local,
  field: RowField,
): void {
  const { f } = scope
  const { lanes, seen } = loadCells(f, from, field)
  if (state.accumulator === 'count' || state.accumulator === 'count-star') {
    addInt64(f, into, lanes[0]!)
  } else if (state.accumulator === 'bool-and' || state.accumulator === 'bool-or') {
    into.set(0, () => {
      into.get(0)
      f.get(lanes[0]!).op('i32.or')
    })
    emitSeen(f, into, seen)
  } else if (state.folded !== undefined) {
    emitFoldMerge(scope, state, into, lanes)
  } else if (state.kept !== undefined) {
    into.address(listCells.first)
    f.get(from).i32(field.lanes[listCells.first]!.offset).op('i32.add')
    f.call(scope.kernel('listMerge'))
  } else if (state.accumulator === 'deviation' || state.accumulator === 'deviation-merge') {
    emitDeviationMerge(scope, into, [lanes[0]!, lanes[1]!, lanes[2]!])
    emitSeen(f, into, seen)
  } else if (state.sum !== undefined) {
    mergeSum(scope, state, state.sum, into, lanes)
    emitSeen(f, into, seen)
  } else {
    const type = present(state.argType, 'state without a type')
    const value: Value = { type, lanes, valid: undefined, range: undefined }
    emitUpdate(scope, state, into, value, seen, true)
  }
}

function mergeSum(
  scope: EmitScope,
  state: StateShape,
  sum: SumKind,
  into: StateCells,
  lanes: readonly Local[],
): void {
  const { f } = scope
  const [first, second] = lanes
  if (sum === 'int64') return addInt64(f, into, first!)
  if (sum === 'int128') return addInt128(scope, state, into, first!, second!)
  if (sum === 'numeric' || sum === 'interval') return addByKernel(scope, sum, into, first!, second!)
  addFloat(scope, into, first!)
  // The compensation of an infinite sum is NaN and means nothing.
  f.f64(0).get(second!).get(second!).get(second!).op('f64.ne').op('select').set(second!)
  return addFloat(scope, into, second!)
}

function emitSeen(f: FunctionBuilder, cells: StateCells, when: Local | undefined): void {
  if (!cells.tracksSeen) return
  cells.setSeen(() => {
    if (when === undefined) f.i32(1)
    else {
      cells.getSeen()
      f.get(when).op('i32.or')
    }
  })
}

function emitSum(
  scope: EmitScope,
  state: StateShape,
  cells: StateCells,
  arg: Value,
  when: Local | undefined,
): void {
  const { f } = scope
  const sum = present(state.sum, 'sum without kind')
  const [first, second] = (sum === 'int128' ? withAllLanes(f, arg) : arg).lanes
  if (sum === 'float') {
    const addend = f.local('f64')
    f.get(first!)
    if (arg.type.kind === 'float4') f.op('f64.promote_f32')
    if (when !== undefined) maskFloat(f, when)
    f.set(addend)
    addFloat(scope, cells, addend)
    f.release(addend)
    return
  }
  if (sum === 'numeric' || sum === 'interval') {
    if (when !== undefined) f.get(when).if()
    addByKernel(scope, sum, cells, first!, second!)
    if (when !== undefined) f.end()
    return
  }
  const low = masked(f, toInt64(f, first!), when)
  if (sum === 'int64') addInt64(f, cells, low)
  else {
    const high = f.local('i64')
    // One lane: the sign tells the upper half.
    if (second === undefined) f.get(low).i64(63n).op('i64.shr_s').set(high)
    else f.get(masked(f, second, when)).set(high)
    addInt128(scope, state, cells, low, high)
    f.release(high)
  }
}

function toInt64(f: FunctionBuilder, lane: Local): Local {
  if (f.typeOf(lane) === 'i64') return lane
  const long = f.local('i64')
  f.get(lane).op('i64.extend_i32_s').set(long)
  return long
}

function masked(f: FunctionBuilder, lane: Local, when: Local | undefined): Local {
  if (when === undefined) return lane
  const local = f.local('i64')
  f.get(lane).i64(0n).get(when).op('i64.extend_i32_u').op('i64.sub').op('i64.and').set(local)
  return local
}

/**
 * Pops a float: itself where `when` holds, else 0, by its bits. A select of floats is a branch on some machines, into
 * each side of which the compiler moves what the float is made of.
 */
function maskFloat(f: FunctionBuilder, when: Local): void {
  f.op('i64.reinterpret_f64')
  f.i64(0n).get(when).op('i64.extend_i32_u').op('i64.sub').op('i64.and').op('f64.reinterpret_i64')
}

function addInt64(f: FunctionBuilder, cells: StateCells, lane: Local): void {
  cells.set(0, () => {
    cells.get(0)
    f.get(lane).op('i64.add')
  })
}

function addInt128(
  scope: EmitScope,
  state: StateShape,
  cells: StateCells,
  low: Local,
  high: Local,
): void {
  const { f } = scope
  const sum = f.local('i64')
  const before = f.local('i64')
  if (isChecked(state)) {
    cells.get(1)
    f.set(before)
  }
  cells.get(0)
  f.get(low).op('i64.add').set(sum)
  cells.set(0, () => f.get(sum))
  cells.set(1, () => {
    cells.get(1)
    f.get(high).op('i64.add')
    // The low words carried when their sum is below an addend.
    f.get(sum).get(low).op('i64.lt_u').op('i64.extend_i32_u').op('i64.add')
  })
  if (isChecked(state)) {
    // Two of one sign that give the other.
    cells.get(1)
    f.get(before).op('i64.xor')
    cells.get(1)
    f.get(high).op('i64.xor').op('i64.and').i64(0n).op('i64.lt_s').if()
    scope.raise('numeric-overflow')
    f.end()
  }
  f.release(before)
  f.release(sum)
}

/**
 * Neumaier's compensated sum (1974): the error does not grow with the number of rows. A sum of finite
 * values that becomes infinite is out of range.
 */
function addFloat(scope: EmitScope, cells: StateCells, addend: Local): void {
  const { f } = scope
  const [sum, total] = [f.local('f64'), f.local('f64')]
  cells.get(0)
  f.tee(sum).get(addend).op('f64.add').set(total)
  cells.set(1, () => {
    cells.get(1)
    f.get(sum).get(total).op('f64.sub').get(addend).op('f64.add').op('i64.reinterpret_f64')
    f.get(addend).get(total).op('f64.sub').get(sum).op('f64.add').op('i64.reinterpret_f64')
    f.get(sum).op('f64.abs').get(addend).op('f64.abs').op('f64.ge').op('select')
    f.op('f64.reinterpret_i64').op('f64.add')
  })
  cells.set(0, () => f.get(total))
  f.get(total).op('f64.abs').f64(Infinity).op('f64.eq').if()
  f.get(sum).op('f64.abs').get(addend).op('f64.abs').op('f64.max').f64(Infinity).op('f64.lt').if()
  scope.raise('float-out-of-range')
  f.end()
  f.end()
  f.release(sum)
  f.release(total)
}

function addByKernel(
  scope: EmitScope,
  sum: 'numeric' | 'interval',
  cells: StateCells,
  low: Local,
  high: Local,
): void {
  const { f } = scope
  if (sum === 'numeric') return addNumeric(scope, cells, { low, high })
  cells.address(0)
  f.get(low).get(high).call(scope.kernel('intervalAddInto')).if()
  scope.raise('interval-out-of-range')
  f.end()
}

/** Adds a numeric of the sum's scale by code, others by a kernel or the thread. */
function addNumeric(scope: EmitScope, cells: StateCells, addend: Words): void {
  const { f } = scope
  if (cells.numericSum !== undefined) return addShort(scope, cells, cells.numericSum, addend)
  const before = [0, 1].map((cell) => {
    cells.get(cell)
    return keep(f, 'i64')
  })
  const own: Words = { low: before[0]!, high: before[1]! }
  const { low, high, isDone } = emitNumericSum(f, own, addend, 'add')
  f.get(isDone).if()
  cells.set(0, () => f.get(low))
  cells.set(1, () => f.get(high))
  f.else()
  addLong(scope, cells, addend)
  f.end()
  for (const local of [...before, low, high, isDone]) f.release(local)
}

function addLong(scope: EmitScope, cells: StateCells, { low, high }: Words): void {
  const { f } = scope
  cells.inMemory(() => {
    cells.address(0)
    f.get(low).get(high).call(scope.kernel('numericAddInto')).if()
    addLongNumeric(scope, 'addNumeric', cells, { low, high })
    f.end()
  })
}

/** Adds a numeric of 64 bits and the sum's scale to its parts. */
function addShort(scope: EmitScope, cells: StateCells, sum: NumericSum, addend: Words): void {
  const { f } = scope
  const sign = f.local('i64')
  f.get(addend.low).i64(63n).op('i64.shr_s').tee(sign).i64(UPPER).op('i64.and')
  f.get(sum.scale).op('i64.or').get(addend.high).op('i64.eq').if()
  f.get(sum.low).get(addend.low).op('i64.add').set(sum.low)
  f.get(sum.high).get(sign).op('i64.add')
  f.get(sum.low).get(addend.low).op('i64.lt_u').op('i64.extend_i32_u').op('i64.add').set(sum.high)
  f.else()
  addScaled(scope, cells, sum, addend)
  f.end()
  f.release(sign)
}

/** So many digits less behind the point than the sum has, 8 at most, are added by code. */
const powers = new BigInt64Array(Array.from({ length: 9 }, (_, digits) => 10n ** BigInt(digits)))
const HALF = 0xffff_ffffn
/** Numbers of 68 bits, with eight digits more, have 95. */
const UPPER_MAX = 16n

/** The same of 68 bits and of fewer digits behind the point, times a power of ten, half a word at a time. */
function addScaled(scope: EmitScope, cells: StateCells, sum: NumericSum, addend: Words): void {
  const { f } = scope
  const { low, high } = addend
  const names = [f.local('i64'), f.local('i64'), f.local('i64'), f.local('i64')] as const
  const [digits, factor, upper, middle] = names
  const table = scope.bytes(new Uint8Array(powers.buffer))
  f.get(high).i64(8n).op('i64.shl').i64(8n).op('i64.shr_s').tee(upper)
  f.i64(UPPER_MAX)
    .op('i64.add')
    .i64(2n * UPPER_MAX)
    .op('i64.lt_u')
  for (const word of [sum.scale, high]) f.get(word).i64(56n).op('i64.shr_u')
  f.op('i64.sub').tee(digits)
  f.i64(BigInt(powers.length)).op('i64.lt_u').op('i32.and')
  f.get(high).get(sum.scale).op('i64.or').i64(0n).op('i64.ge_s').op('i32.and').if()
  f.get(table).op('i32.wrap_i64').get(digits).op('i32.wrap_i64').i32(3).op('i32.shl')
  f.op('i32.add').memory('i64.load').set(factor)
  f.get(low).i64(32n).op('i64.shr_u').get(factor).op('i64.mul').set(middle)
  f.get(low).i64(HALF).op('i64.and').get(factor).op('i64.mul').set(digits)
  f.get(sum.high).get(upper).get(factor).op('i64.mul').op('i64.add')
  f.get(middle).i64(32n).op('i64.shr_u').op('i64.add')
  f.get(middle).i64(32n).op('i64.shl').get(digits).op('i64.add').tee(factor)
  f.get(digits).op('i64.lt_u').op('i64.extend_i32_u').op('i64.add')
  f.get(sum.low).get(factor).op('i64.add').set(sum.low)
  f.get(sum.low).get(factor).op('i64.lt_u').op('i64.extend_i32_u').op('i64.add').set(sum.high)
  f.else()
  addLong(scope, cells, addend)
  f.end()
  for (const local of names) f.release(local)
}

function emitBool(
  f: FunctionBuilder,
  state: StateShape,
  cells: StateCells,
  arg: Value,
  when: Local | undefined,
): void {
  const isAnd = state.accumulator === 'bool-and'
  // A state begins at 0: bool_and remembers whether a false was seen.
  cells.set(0, () => {
    cells.get(0)
    f.get(arg.lanes[0]!)
    if (isAnd) f.op('i32.eqz')
    if (when !== undefined) f.get(when).op('i32.and')
    f.op('i32.or')
  })
}

const bitOperators = { 'bit-and': 'and', 'bit-or': 'or', 'bit-xor': 'xor' } as const

/** The first value is taken as it is: there is nothing to combine it with. */
function emitBits(
  f: FunctionBuilder,
  accumulator: keyof typeof bitOperators,
  cells: StateCells,
  arg: Value,
  when: Local | undefined,
): void {
  const lane = present(arg.lanes[0], 'lane of a value')
  const type = f.typeOf(lane) === 'i64' ? 'i64' : 'i32'
  if (when !== undefined) f.get(when).if()
  cells.set(0, () => {
    cells.get(0)
    f.get(lane).op(`${type}.${bitOperators[accumulator]}`).get(lane)
    cells.getSeen()
    f.op('select')
  })
  cells.setSeen(() => f.i32(1))
  if (when !== undefined) f.end()
}
