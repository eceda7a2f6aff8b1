import type { FunctionBuilder, Local } from '../../wasm/assembler/function-builder.ts'
import { keep, lane } from '../emit.ts'
import type { FoldCode, FoldContext } from '../aggregate-form.ts'
import { pushIsInfinite, raiseIfOverflown } from './overflow-code.ts'

/** The numbers of a state as regression.ts has them, a local each. */
interface Pairs {
  readonly n: Local
  readonly sx: Local
  readonly sxx: Local
  readonly sy: Local
  readonly syy: Local
  readonly sxy: Local
}

function pairsOf([n, sx, sxx, sy, syy, sxy]: readonly Local[]): Pairs {
  return { n: n!, sx: sx!, sxx: sxx!, sy: sy!, syy: syy!, sxy: sxy! }
}

/** What regression.ts does step by step, in the same order, so that digits are the same. */
export const pairCode: FoldCode = {
  step(ctx, numbers, [second, first]) {
    const { f } = ctx
    const [x, y] = [lane(first!), lane(second!)]
    const state = pairsOf(numbers)
    const before = copyOf(f, state.n)
    const [oldX, oldY] = [copyOf(f, state.sx), copyOf(f, state.sy)]
    f.get(before).f64(1).op('f64.add').set(state.n)
    f.get(oldX).get(x).op('f64.add').set(state.sx)
    f.get(oldY).get(y).op('f64.add').set(state.sy)
    f.get(before).f64(0).op('f64.eq').if()
    for (const [value, squares] of [[x, state.sxx] as const, [y, state.syy] as const]) {
      f.get(value).get(value).op('f64.sub').f64(0).op('f64.ne').if()
      f.f64(Number.NaN).tee(squares).set(state.sxy)
      f.end()
    }
    f.else()
    const stepOf = (value: Local, sum: Local): Local => {
      f.get(value).get(state.n).op('f64.mul').get(sum).op('f64.sub')
      return keep(f, 'f64')
    }
    const [dx, dy] = [stepOf(x, state.sx), stepOf(y, state.sy)]
    f.f64(1).get(state.n).get(before).op('f64.mul').op('f64.div')
    const scale = keep(f, 'f64')
    addProduct(f, state.sxx, [dx, dx, scale])
    addProduct(f, state.syy, [dy, dy, scale])
    addProduct(f, state.sxy, [dx, dy, scale])
    settleInfinities(ctx, state, { oldX, oldY, x, y })
    f.end()
  },
  merge(ctx, numbers, others) {
    const { f } = ctx
    const [state, other] = [pairsOf(numbers), pairsOf(others)]
    f.get(other.n).f64(0).op('f64.ne').if()
    f.get(state.n).f64(0).op('f64.eq').if()
    numbers.forEach((number, at) => f.get(others[at]!).set(number))
    f.else()
    f.get(state.n).get(other.n).op('f64.add')
    const n = keep(f, 'f64')
    const apart = (sum: Local, otherSum: Local): Local => {
      f.get(sum).get(state.n).op('f64.div').get(otherSum).get(other.n).op('f64.div').op('f64.sub')
      return keep(f, 'f64')
    }
    const [dx, dy] = [apart(state.sx, other.sx), apart(state.sy, other.sy)]
    f.get(state.n).get(other.n).op('f64.mul').get(n).op('f64.div')
    const weight = keep(f, 'f64')
    const products: { readonly [K in keyof Pairs]?: readonly [Local, Local] } = {
      sxx: [dx, dx],
      syy: [dy, dy],
      sxy: [dx, dy],
    }
    for (const name of ['sx', 'sy', 'sxx', 'syy', 'sxy'] as const) {
      f.get(state[name]).get(other[name]).op('f64.add')
      const sum = keep(f, 'f64')
      const product = products[name]
      if (product !== undefined) addProduct(f, sum, [weight, ...product])
      raiseIfOverflown(ctx, sum, [state[name], other[name]])
      f.get(sum).set(state[name])
    }
    f.get(n).set(state.n)
    f.end()
    f.end()
  },
}

/** Pairs are counted, and that is all: nothing is out of range for a count. */
export const pairCountCode: FoldCode = {
  step({ f }, [n]) {
    f.get(n!).f64(1).op('f64.add').set(n!)
  },
  merge({ f }, [n], [other]) {
    f.get(n!).get(other!).op('f64.add').set(n!)
  },
}

function copyOf(f: FunctionBuilder, local: Local): Local {
  f.get(local)
  return keep(f, 'f64')
}

/** Adds the product of three numbers, multiplied from the left. */
function addProduct(
  f: FunctionBuilder,
  sum: Local,
  [a, b, c]: readonly [Local, Local, Local],
): void {
  f.get(sum).get(a).get(b).op('f64.mul').get(c).op('f64.mul').op('f64.add').set(sum)
}

function pushAny(f: FunctionBuilder, values: readonly Local[]): void {
  values.forEach((value, at) => {
    pushIsInfinite(f, value)
    if (at > 0) f.op('i32.or')
  })
}

/** A sum of finite values that is infinite is out of range; of infinite ones the deviations are NaN. */
function settleInfinities(
  ctx: FoldContext,
  { sx, sxx, sy, syy, sxy }: Pairs,
  { oldX, oldY, x, y }: { readonly [K in 'oldX' | 'oldY' | 'x' | 'y']: Local },
): void {
  const { f } = ctx
  pushAny(f, [sx, sxx, sy, syy, sxy])
  f.if()
  const wasFinite = (values: readonly Local[]): void => {
    pushAny(f, values)
    f.op('i32.eqz')
  }
  pushAny(f, [sx, sxx])
  wasFinite([oldX, x])
  f.op('i32.and')
  pushAny(f, [sy, syy])
  wasFinite([oldY, y])
  f.op('i32.and').op('i32.or')
  pushIsInfinite(f, sxy)
  wasFinite([oldX, x, oldY, y])
  f.op('i32.and').op('i32.or').if()
  ctx.raise('float-out-of-range')
  f.end()
  for (const number of [sxx, syy, sxy]) {
    pushIsInfinite(f, number)
    f.if()
    f.f64(Number.NaN).set(number)
    f.end()
  }
  f.end()
}
