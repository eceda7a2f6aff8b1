// Sums over blocks of training data. A block has 512 rows of float64 columns, one after another; the
// first column is 1 in every row, and rows behind the last are 0 in all of them. Kernels are called as
// kernel(morsel, parameters, scratch) and add what they find to the cell that the morsel names (but
// trainingPack, which keeps what is largest there).
//
// morsel: u32 block, u32 rows (1 to 512), u32 cell, u32 pieces (trainingPack only).
const BLOCK_ROWS: i32 = 512
const COLUMN_BYTES: usize = 4096

@inline
function add(cell: usize, value: f64): void {
  store<f64>(cell, load<f64>(cell) + value)
}

@inline
function lanes(pair: v128): f64 {
  return f64x2.extract_lane(pair, 0) + f64x2.extract_lane(pair, 1)
}

@inline
function product(left: usize, right: usize): v128 {
  return f64x2.mul(v128.load(left), v128.load(right))
}

function dot(left: usize, right: usize): f64 {
  let a = f64x2.splat(0)
  let b = a
  for (let at: usize = 0; at < COLUMN_BYTES; at += 32) {
    a = f64x2.add(a, product(left + at, right + at))
    b = f64x2.add(b, product(left + at + 16, right + at + 16))
  }
  return lanes(f64x2.add(a, b))
}

@inline
function keepLargest(cell: usize, value: f64): void {
  store<f64>(cell, max(load<f64>(cell), value))
}

// Keeps the largest of what is the other way round, and the largest; NaN where there is one.
function addRange(values: usize, rows: i32, cell: usize): void {
  const first = v128.load_splat<f64>(values)
  let low = first
  let high = first
  const end = values + (<usize>(rows & ~1) << 3)
  for (let at = values; at < end; at += 16) {
    const pair = v128.load(at)
    low = f64x2.min(low, pair)
    high = f64x2.max(high, pair)
  }
  if (rows & 1) {
    const last = v128.load_splat<f64>(end)
    low = f64x2.min(low, last)
    high = f64x2.max(high, last)
  }
  keepLargest(cell, -min(f64x2.extract_lane(low, 0), f64x2.extract_lane(low, 1)))
  keepLargest(cell + 8, max(f64x2.extract_lane(high, 0), f64x2.extract_lane(high, 1)))
}

/**
 * Fills a block from columns elsewhere and finds the range of each. parameters: u32 columns (without
 * the ones). pieces: u32 count, then for each u32 rows and the addresses of its columns' values (u32
 * each). cell: of each column f64 what is least, negated, and f64 what is largest; NaN where a value is.
 */
export function trainingPack(morsel: usize, parameters: usize, scratch: usize): void {
  const block = <usize>load<u32>(morsel)
  const rows = load<i32>(morsel, 4)
  const cell = <usize>load<u32>(morsel, 8)
  const pieces = <usize>load<u32>(morsel, 12)
  const columns = load<u32>(parameters)
  memory.fill(block, 0, COLUMN_BYTES * <usize>(columns + 1))
  for (let row = 0; row < rows; row++) store<f64>(block + (<usize>row << 3), 1)
  let piece = pieces + 4
  let target = block + COLUMN_BYTES
  for (let left = load<u32>(pieces); left > 0; left--) {
    const bytes = <usize>load<u32>(piece) << 3
    piece += 4
    for (let column: u32 = 0; column < columns; column++) {
      memory.copy(target + <usize>column * COLUMN_BYTES, <usize>load<u32>(piece), bytes)
      piece += 4
    }
    target += bytes
  }
  for (let column: u32 = 0; column < columns; column++) {
    const values = block + <usize>(column + 1) * COLUMN_BYTES
    addRange(values, rows, cell + (<usize>column << 4))
  }
}

/**
 * Scales and moves columns and adds them up, and their squares. parameters: u32 columns (with the
 * ones), from byte 8 on, for each, f64 what it is multiplied by and f64 what is then taken off. cell:
 * f64 the sum of each column, then f64 the sum of the squares of each.
 */
export function trainingCenter(morsel: usize, parameters: usize, scratch: usize): void {
  const block = <usize>load<u32>(morsel)
  const rows = load<i32>(morsel, 4)
  const cell = <usize>load<u32>(morsel, 8)
  const columns = load<u32>(parameters)
  for (let column: u32 = 0; column < columns; column++) {
    const values = block + <usize>column * COLUMN_BYTES
    const scale = load<f64>(parameters + (<usize>column << 4), 8)
    const mean = load<f64>(parameters + (<usize>column << 4), 16)
    const end = values + (<usize>rows << 3)
    for (let at = values; at < end; at += 8) store<f64>(at, load<f64>(at) * scale - mean)
    // The ones stay as they are, so that they tell rows from what is behind the last.
    add(cell + (<usize>column << 3), dot(block, values))
    add(cell + (<usize>(columns + column) << 3), dot(values, values))
  }
}

// Adds a column, so many times, to another.
function addTimes(factor: f64, values: usize, target: usize): void {
  const times = f64x2.splat(factor)
  for (let at: usize = 0; at < COLUMN_BYTES; at += 16) {
    const term = f64x2.mul(times, v128.load(values + at))
    v128.store(target + at, f64x2.add(v128.load(target + at), term))
  }
}

/**
 * Adds multiples of columns to others. parameters: u32 columns (with the ones), from byte 8 on f64 by
 * rows of a square how many times each column is added to the row's own; a column that others are
 * added to is added to none. cell: nothing.
 */
export function trainingCombine(morsel: usize, parameters: usize, scratch: usize): void {
  const block = <usize>load<u32>(morsel)
  const columns = load<u32>(parameters)
  let factors = parameters + 8
  for (let target: u32 = 0; target < columns; target++) {
    for (let column: u32 = 0; column < columns; column++) {
      const factor = load<f64>(factors)
      factors += 8
      if (factor == 0) continue
      addTimes(factor, block + <usize>column * COLUMN_BYTES, block + <usize>target * COLUMN_BYTES)
    }
  }
}

/**
 * What a linear predictor leaves of a target. parameters: u32 columns (with the ones; the target is the
 * column behind them), from byte 8 on f64 weight of each. cell: f64 sum of the squares of what is left,
 * f64 sum of its products with each column. scratch: one column.
 */
export function trainingResidual(morsel: usize, parameters: usize, scratch: usize): void {
  const block = <usize>load<u32>(morsel)
  const cell = <usize>load<u32>(morsel, 8)
  const columns = load<u32>(parameters)
  memory.copy(scratch, block + <usize>columns * COLUMN_BYTES, COLUMN_BYTES)
  for (let column: u32 = 0; column < columns; column++) {
    const weight = load<f64>(parameters + (<usize>column << 3), 8)
    if (weight != 0) addTimes(-weight, block + <usize>column * COLUMN_BYTES, scratch)
  }
  add(cell, dot(scratch, scratch))
  for (let column: u32 = 0; column < columns; column++) {
    const values = block + <usize>column * COLUMN_BYTES
    add(cell + (<usize>column << 3) + 8, dot(scratch, values))
  }
}

// The products of two columns with four others, which lie one after another.
function addTile(a: usize, b: usize, right: usize, rowA: usize, rowB: usize): void {
  let a0 = f64x2.splat(0)
  let a1 = a0
  let a2 = a0
  let a3 = a0
  let b0 = a0
  let b1 = a0
  let b2 = a0
  let b3 = a0
  const end = a + COLUMN_BYTES
  for (; a < end; a += 16) {
    const va = v128.load(a)
    const vb = v128.load(b)
    let next = v128.load(right)
    a0 = f64x2.add(a0, f64x2.mul(va, next))
    b0 = f64x2.add(b0, f64x2.mul(vb, next))
    next = v128.load(right, COLUMN_BYTES)
    a1 = f64x2.add(a1, f64x2.mul(va, next))
    b1 = f64x2.add(b1, f64x2.mul(vb, next))
    next = v128.load(right, 2 * COLUMN_BYTES)
    a2 = f64x2.add(a2, f64x2.mul(va, next))
    b2 = f64x2.add(b2, f64x2.mul(vb, next))
    next = v128.load(right, 3 * COLUMN_BYTES)
    a3 = f64x2.add(a3, f64x2.mul(va, next))
    b3 = f64x2.add(b3, f64x2.mul(vb, next))
    b += 16
    right += 16
  }
  add(rowA, lanes(a0))
  add(rowA + 8, lanes(a1))
  add(rowA + 16, lanes(a2))
  add(rowA + 24, lanes(a3))
  add(rowB, lanes(b0))
  add(rowB + 8, lanes(b1))
  add(rowB + 16, lanes(b2))
  add(rowB + 24, lanes(b3))
}

function multiply(left: usize, right: usize, out: usize): usize {
  for (let at: usize = 0; at < COLUMN_BYTES; at += 16) {
    v128.store(out + at, product(left + at, right + at))
  }
  return out
}

// Adds the weighted products of all pairs of columns to a square matrix, of which the upper triangle
// counts.
function addProducts(block: usize, columns: u32, weights: usize, scratch: usize, out: usize): void {
  const rowBytes = <usize>columns << 3
  for (let i: u32 = 0; i < columns; i += 2) {
    const hasTwo = i + 1 < columns
    const left = block + <usize>i * COLUMN_BYTES
    const a = multiply(left, weights, scratch)
    const b = hasTwo ? multiply(left + COLUMN_BYTES, weights, scratch + COLUMN_BYTES) : a
    const row = out + <usize>i * rowBytes
    let j = i
    for (; j + 4 <= columns; j += 4) {
      const at = row + (<usize>j << 3)
      addTile(a, b, block + <usize>j * COLUMN_BYTES, at, at + rowBytes)
    }
    for (; j < columns; j++) {
      const at = row + (<usize>j << 3)
      const right = block + <usize>j * COLUMN_BYTES
      add(at, dot(a, right))
      if (hasTwo) add(at + rowBytes, dot(b, right))
    }
  }
}

/**
 * Products of all pairs of columns. parameters: u32 columns (with the ones). cell: f64 sums by rows of
 * a square (its upper triangle counts). scratch: two columns.
 */
export function trainingProducts(morsel: usize, parameters: usize, scratch: usize): void {
  const block = <usize>load<u32>(morsel)
  const columns = load<u32>(parameters)
  // The ones are as good as weights; rows behind the last weigh nothing.
  addProducts(block, columns, block, scratch, <usize>load<u32>(morsel, 8))
}

@inline
function step(sum: v128, r: v128, coefficient: f64): v128 {
  return f64x2.add(f64x2.mul(sum, r), f64x2.splat(coefficient))
}

// Smaller powers say nothing in any sum, and products of theirs would be subnormal: some 20 times slower.
const LEAST: f64 = -500

// e^x for x of at most 0, to about one unit in the last place: 2^n times the series of the rest, which
// is at most ln(2) / 2 (Muller et al., Handbook of Floating-Point Arithmetic, section 11.4).
@inline
function expOfNegative(x: v128): v128 {
  const bounded = f64x2.max(x, f64x2.splat(LEAST))
  const n = f64x2.nearest(f64x2.mul(bounded, f64x2.splat(1.4426950408889634)))
  const high = f64x2.sub(bounded, f64x2.mul(n, f64x2.splat(0.6931471803691238)))
  const r = f64x2.sub(high, f64x2.mul(n, f64x2.splat(1.9082149292705877e-10)))
  let sum = f64x2.splat(1.0 / 6227020800.0)
  sum = step(sum, r, 1.0 / 479001600.0)
  sum = step(sum, r, 1.0 / 39916800.0)
  sum = step(sum, r, 1.0 / 3628800.0)
  sum = step(sum, r, 1.0 / 362880.0)
  sum = step(sum, r, 1.0 / 40320.0)
  sum = step(sum, r, 1.0 / 5040.0)
  sum = step(sum, r, 1.0 / 720.0)
  sum = step(sum, r, 1.0 / 120.0)
  sum = step(sum, r, 1.0 / 24.0)
  sum = step(sum, r, 1.0 / 6.0)
  sum = step(sum, r, 0.5)
  sum = step(sum, r, 1.0)
  sum = step(sum, r, 1.0)
  // Behind this number, n stands in the low bits.
  const bits = f64x2.add(n, f64x2.splat(6755399441055744.0))
  const scale = i64x2.shl(i64x2.add(bits, i64x2.splat(1023)), 52)
  return f64x2.mul(sum, scale)
}

// Smaller ones are their own ln(1 + x).
const TINY: f64 = 1e-8

// Loss of the rows from their logits and e^-|logit|: max(z, 0) - y z + ln(1 + e^-|z|). Of the factors
// 1 + e^-|z|, at most 2, a block's product stays in range.
function lossOf(logits: usize, exponentials: usize, targets: usize, rows: i32): f64 {
  let factors: f64 = 1
  let sum: f64 = 0
  for (let at: usize = 0; at < <usize>rows << 3; at += 8) {
    const z = load<f64>(logits + at)
    const e = load<f64>(exponentials + at)
    sum += max(z, 0) - load<f64>(targets + at) * z
    if (e < TINY) sum += e
    else factors *= 1 + e
  }
  return sum + NativeMath.log(factors)
}

/**
 * Log loss of a linear predictor, its gradient, and when it is wanted its Hessian. parameters: u32
 * columns (with the ones, whose weight is the intercept; the target, 0 or 1, is the column behind
 * them), u32 1 = Hessian wanted, f64 weight of each column. cell: f64 loss, f64 gradient of each
 * column, f64 Hessian by rows (its upper triangle counts). scratch: four columns.
 */
export function trainingLogistic(morsel: usize, parameters: usize, scratch: usize): void {
  const block = <usize>load<u32>(morsel)
  const rows = load<i32>(morsel, 4)
  const cell = <usize>load<u32>(morsel, 8)
  const columns = load<u32>(parameters)
  const target = block + <usize>columns * COLUMN_BYTES
  const logits = scratch
  const curvatures = scratch + COLUMN_BYTES
  const residuals = scratch + 2 * COLUMN_BYTES
  const exponentials = scratch + 3 * COLUMN_BYTES
  memory.fill(logits, 0, COLUMN_BYTES)
  for (let column: u32 = 0; column < columns; column++) {
    const weight = f64x2.splat(load<f64>(parameters + (<usize>column << 3), 8))
    const values = block + <usize>column * COLUMN_BYTES
    for (let at: usize = 0; at < COLUMN_BYTES; at += 16) {
      const term = f64x2.mul(weight, v128.load(values + at))
      v128.store(logits + at, f64x2.add(v128.load(logits + at), term))
    }
  }
  const one = f64x2.splat(1)
  for (let at: usize = 0; at < COLUMN_BYTES; at += 16) {
    const z = v128.load(logits + at)
    const e = expOfNegative(f64x2.neg(f64x2.abs(z)))
    const larger = f64x2.div(one, f64x2.add(one, e))
    const smaller = f64x2.mul(e, larger)
    const isSecond = f64x2.ge(z, f64x2.splat(0))
    const probability = v128.bitselect(larger, smaller, isSecond)
    v128.store(exponentials + at, e)
    v128.store(curvatures + at, f64x2.mul(larger, smaller))
    v128.store(residuals + at, f64x2.sub(probability, v128.load(target + at)))
  }
  add(cell, lossOf(logits, exponentials, target, rows))
  for (let column: u32 = 0; column < columns; column++) {
    const slope = dot(residuals, block + <usize>column * COLUMN_BYTES)
    add(cell + (<usize>column << 3) + 8, slope)
  }
  if (load<u32>(parameters, 4) == 0) return
  const hessian = cell + (<usize>columns << 3) + 8
  // What the residuals and exponentials are no longer needed for.
  addProducts(block, columns, curvatures, residuals, hessian)
}
