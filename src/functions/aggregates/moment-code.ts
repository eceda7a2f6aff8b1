import type { FunctionBuilder, Local } from '../../wasm/assembler/function-builder.ts'
import { keep, lane } from '../emit.ts'
import type { FoldCode } from '../aggregate-form.ts'

/** The numbers of a state as moments.ts has them, a local each. */
interface Deviations {
  readonly n: Local
  readonly mean: Local
  readonly second: Local
  readonly third: Local
  readonly fourth: Local
}

function deviationsOf([n, mean, second, third, fourth]: readonly Local[]): Deviations {
  return { n: n!, mean: mean!, second: second!, third: third!, fourth: fourth! }
}

/** A local, or a number, which locals are, too. */
type Factor = Local | { readonly constant: number }

const times = (constant: number): Factor => ({ constant })

/** Pushes a product, multiplied from the left. */
function pushProduct(f: FunctionBuilder, factors: readonly Factor[]): void {
  factors.forEach((factor, at) => {
    if (typeof factor === 'object') f.f64(factor.constant)
    else f.get(factor)
    if (at > 0) f.op('f64.mul')
  })
}

function productOf(f: FunctionBuilder, ...factors: readonly Factor[]): Local {
  pushProduct(f, factors)
  return keep(f, 'f64')
}

function quotientOf(f: FunctionBuilder, left: Local, right: Local): Local {
  f.get(left).get(right).op('f64.div')
  return keep(f, 'f64')
}

function difference(f: FunctionBuilder, left: Local, right: Local): Local {
  f.get(left).get(right).op('f64.sub')
  return keep(f, 'f64')
}

/** Adds products to a number, one after the other. */
function add(f: FunctionBuilder, sum: Local, ...products: readonly (readonly Factor[])[]): void {
  f.get(sum)
  for (const factors of products) {
    pushProduct(f, factors)
    f.op('f64.add')
  }
  f.set(sum)
}

/** What moments.ts does step by step, in the same order, so that digits are the same. */
export const deviationCode: FoldCode = {
  step({ f }, numbers, [value]) {
    const { n, mean, second, third, fourth } = deviationsOf(numbers)
    const before = productOf(f, n)
    f.get(n).f64(1).op('f64.add').set(n)
    const apart = difference(f, lane(value!), mean)
    const share = quotientOf(f, apart, n)
    const square = productOf(f, share, share)
    const term = productOf(f, apart, share, before)
    f.get(n).get(n).op('f64.mul').f64(3).get(n).op('f64.mul').op('f64.sub').f64(3).op('f64.add')
    const weight = keep(f, 'f64')
    f.get(n).f64(2).op('f64.sub')
    const skewed = keep(f, 'f64')
    add(f, mean, [share])
    add(f, fourth, [term, square, weight], [times(6), square, second], [times(-4), share, third])
    add(f, third, [term, share, skewed], [times(-3), share, second])
    add(f, second, [term])
  },
  merge({ f }, numbers, others) {
    const [own, other] = [deviationsOf(numbers), deviationsOf(others)]
    f.get(other.n).f64(0).op('f64.ne').if()
    f.get(own.n).f64(0).op('f64.eq').if()
    numbers.forEach((number, at) => f.get(others[at]!).set(number))
    f.else()
    f.get(own.n).get(other.n).op('f64.add')
    const n = keep(f, 'f64')
    const apart = difference(f, other.mean, own.mean)
    const [ownShare, otherShare] = [quotientOf(f, own.n, n), quotientOf(f, other.n, n)]
    const share = productOf(f, apart, otherShare)
    const term = productOf(f, apart, share, own.n)
    const [a, b] = [productOf(f, apart, ownShare), share]
    f.get(a).get(a).op('f64.mul').get(a).get(b).op('f64.mul').op('f64.sub')
    f.get(b).get(b).op('f64.mul').op('f64.add')
    const spread = keep(f, 'f64')
    const skewed = difference(f, a, b)
    add(
      f,
      own.fourth,
      [other.fourth],
      [term, spread],
      [times(6), a, a, other.second],
      [times(6), b, b, own.second],
      [times(4), a, other.third],
      [times(-4), b, own.third],
    )
    add(
      f,
      own.third,
      [other.third],
      [term, skewed],
      [times(3), a, other.second],
      [times(-3), b, own.second],
    )
    add(f, own.second, [other.second], [term])
    add(f, own.mean, [share])
    f.get(n).set(own.n)
    f.end()
    f.end()
  },
}

/** Whether there was a value, and the product of all. */
export const productCode: FoldCode = {
  step({ f }, [n, product], [value]) {
    multiply(f, [n!, product!], lane(value!))
  },
  merge({ f }, [n, product], [otherN, other]) {
    f.get(otherN!).f64(0).op('f64.ne').if()
    multiply(f, [n!, product!], other!)
    f.end()
  },
}

function multiply(f: FunctionBuilder, [n, product]: readonly [Local, Local], by: Local): void {
  f.get(product).get(by).op('f64.mul').get(by)
  f.get(n).f64(0).op('f64.ne').op('select').set(product)
  f.f64(1).set(n)
}
