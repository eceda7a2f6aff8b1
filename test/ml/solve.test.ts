import { expect, test } from 'vitest'
import { seededRandom } from '../../src/base/world.ts'
import { factorDamped, solveCholesky } from '../../src/ml/solve.ts'

test('solves random positive definite systems', () => {
  const seed = 7
  const random = seededRandom(seed)
  for (let size = 1; size <= 12; size++) {
    const factor = Array.from({ length: size }, () =>
      Array.from({ length: size }, () => random.next() - 0.5),
    )
    const matrix = factor.map((row, i) =>
      factor.map((other, j) => row.reduce((s, v, k) => s + v * other[k]!, i === j ? 1 : 0)),
    )
    const wanted = Array.from({ length: size }, () => random.next() * 10)
    const right = matrix.map((row) => row.reduce((s, v, k) => s + v * wanted[k]!, 0))
    const solved = solveCholesky(matrix, right)
    wanted.forEach((value, i) => expect(solved?.[i], `seed ${seed}`).toBeCloseTo(value, 8))
  }
})

test('features that repeat each other share their weight', () => {
  const factors = factorDamped([
    [1, 1],
    [1, 1],
  ])
  const solved = factors.solve([2, 2])
  expect(solved[0]).toBeCloseTo(1, 6)
  expect(solved[1]).toBeCloseTo(1, 6)
})

test('an indefinite matrix has no Cholesky factor', () => {
  expect(solveCholesky([[-1]], [1])).toBeUndefined()
})
