import { expect, test } from 'vitest'
import { RestOfJob } from '../../src/exec/fragment/rest-of-job.ts'

/** [morsels taken, at ms] */
type Look = readonly [number, number]

test.each<[string, number, readonly Look[], number | undefined]>([
  [
    'nothing is known of the first morsel',
    10,
    [
      [1, 0],
      [1, 90],
    ],
    undefined,
  ],
  [
    'nor of one more that is not done',
    10,
    [
      [1, 0],
      [2, 50],
      [2, 55],
    ],
    undefined,
  ],
  [
    'the first one does not count',
    10,
    [
      [1, 0],
      [2, 50],
      [3, 53],
    ],
    24,
  ],
  [
    'all later ones do',
    10,
    [
      [1, 0],
      [2, 50],
      [3, 52],
      [5, 62],
    ],
    24,
  ],
  [
    'the last one is still to be done',
    10,
    [
      [2, 50],
      [10, 66],
    ],
    2,
  ],
  [
    'more were taken than were thought',
    4,
    [
      [2, 50],
      [7, 60],
    ],
    0,
  ],
])('%s', (_name, morsels, looks, expected) => {
  let nowMs = 0
  const rest = new RestOfJob({ nowMs: () => nowMs }, morsels)
  for (const [taken, atMs] of looks) {
    nowMs = atMs
    rest.took(taken)
  }
  expect(rest.ms).toBe(expected)
})
