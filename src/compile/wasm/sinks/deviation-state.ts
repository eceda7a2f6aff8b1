import { present } from '../../../base/assert.ts'
import { pushIsInfinite, raiseIfOverflown } from '../../../functions/aggregates/overflow-code.ts'
import type { Value } from '../../../functions/inline.ts'
import type { FunctionBuilder, Local } from '../../../wasm/assembler/function-builder.ts'
import type { EmitScope } from '../scope/emit-scope.ts'
import type { StateCells } from '../scope/state-cells.ts'

/**
 * The state of a sum of squared deviations of floats, by Youngs and Cramer (1971), step by step as
 * PostgreSQL's float8_accum and float8_combine: sums of squares would cancel where the mean is large.
 * States are merged more exactly than there, as small inputs are spread over threads too.
 */
const COUNT = 0
const SUM = 1
const DEVIATION = 2

type Parts = readonly [count: Local, sum: Local, deviation: Local]

/** Adds a value to the state; the caller has seen to it that there is one. */
export function emitDeviation(scope: EmitScope, cells: StateCells, value: Local): void {
  const { f } = scope
  const [countBefore, sumBefore, deviation] = partsOf(f, cells)
  const [count, sum, step] = [f.local('f64'), f.local('f64'), f.local('f64')]
  f.get(countBefore).f64(1).op('f64.add').set(count)
  f.get(sumBefore).get(value).op('f64.add').set(sum)
  f.get(countBefore).f64(0).op('f64.gt').if()
  f.get(value).get(count).op('f64.mul').get(sum).op('f64.sub').set(step)
  f.get(deviation).get(step).get(step).op('f64.mul')
  f.get(count).get(countBefore).op('f64.mul').op('f64.div').op('f64.add').set(deviation)
  pushIsInfinite(f, sum)
  pushIsInfinite(f, deviation)
  f.op('i32.or').if()
  // Of finite values it is an overflow; an infinite one has no deviation.
  pushIsInfinite(f, sumBefore)
  pushIsInfinite(f, value)
  f.op('i32.or').op('i32.eqz').if()
  scope.raise('float-out-of-range')
  f.end()
  f.f64(Number.NaN).set(deviation)
  f.end()
  f.else()
  f.get(value).get(value).op('f64.sub').f64(0).op('f64.ne').if()
  f.f64(Number.NaN).set(deviation)
  f.end()
  f.end()
  store(f, cells, [count, sum, deviation])
}

/** Adds another state, whose bytes a view names. */
export function emitDeviationBytes(scope: EmitScope, cells: StateCells, view: Value): void {
  const { f } = scope
  const at = f.local('i32')
  f.get(present(view.lanes[0], 'state without bytes')).op('i32.wrap_i64').set(at)
  const load = (offset: number): Local => {
    const local = f.local('f64')
    f.get(at).memory('f64.load', offset).set(local)
    return local
  }
  emitDeviationMerge(scope, cells, [load(0), load(8), load(16)])
  f.release(at)
}

/** Adds another state, whose parts are in locals. */
export function emitDeviationMerge(scope: EmitScope, cells: StateCells, other: Parts): void {
  const { f } = scope
  const own = partsOf(f, cells)
  const [count, step, deviation] = [f.local('f64'), f.local('f64'), f.local('f64')]
  f.get(other[COUNT]).f64(0).op('f64.ne').if()
  f.get(own[COUNT]).f64(0).op('f64.eq').if()
  store(f, cells, other)
  f.else()
  f.get(own[COUNT]).get(other[COUNT]).op('f64.add').set(count)
  const [mean, otherMean] = [emitMean(f, own), emitMean(f, other)]
  f.get(mean.rounded).get(otherMean.rounded).op('f64.sub')
  f.get(mean.rest).get(otherMean.rest).op('f64.sub').op('f64.add').set(step)
  f.get(own[DEVIATION]).get(other[DEVIATION]).op('f64.add')
  f.get(own[COUNT]).get(other[COUNT]).op('f64.mul').get(step).op('f64.mul').get(step)
  f.op('f64.mul').get(count).op('f64.div').op('f64.add').set(deviation)
  f.get(own[SUM]).get(other[SUM]).op('f64.add').set(step)
  raiseIfOverflown(scope, deviation, [own[DEVIATION], other[DEVIATION]])
  raiseIfOverflown(scope, step, [own[SUM], other[SUM]])
  store(f, cells, [count, step, deviation])
  f.end()
  f.end()
}

/**
 * The mean, and what its rounding left out: of a large mean that is more than the deviations are. The
 * product of the mean and the count is exact in two parts, of 26 and 27 bits of the mean each.
 */
function emitMean(
  f: FunctionBuilder,
  parts: Parts,
): { readonly rounded: Local; readonly rest: Local } {
  const [rounded, upper, rest] = [f.local('f64'), f.local('f64'), f.local('f64')]
  f.get(parts[SUM]).get(parts[COUNT]).op('f64.div').set(rounded)
  f.get(rounded).op('i64.reinterpret_f64').i64(UPPER_BITS).op('i64.and')
  f.op('f64.reinterpret_i64').set(upper)
  f.get(parts[SUM]).get(upper).get(parts[COUNT]).op('f64.mul').op('f64.sub')
  f.get(rounded).get(upper).op('f64.sub').get(parts[COUNT]).op('f64.mul').op('f64.sub')
  f.get(parts[COUNT]).op('f64.div').set(rest)
  return { rounded, rest }
}

const UPPER_BITS = -1n << 27n

function partsOf(f: FunctionBuilder, cells: StateCells): Parts {
  const part = (cell: number): Local => {
    const local = f.local('f64')
    cells.get(cell)
    f.set(local)
    return local
  }
  return [part(COUNT), part(SUM), part(DEVIATION)]
}

function store(f: FunctionBuilder, cells: StateCells, parts: Parts): void {
  parts.forEach((part, cell) => cells.set(cell, () => f.get(part)))
}
