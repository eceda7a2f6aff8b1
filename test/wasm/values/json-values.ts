import { expect, test } from 'vitest'
import { seededRandom, type Random } from '../../../src/base/world.ts'
import { arrayOf, type DataType } from '../../../src/data/types/data-type.ts'
import { writeArrayText } from '../../../src/data/types/array-text.ts'
import { quotedJson } from '../../../src/data/types/json-value.ts'
import { parseScalar } from '../../../src/data/types/parse-scalar.ts'
import type { Scalar } from '../../../src/data/types/scalar.ts'
import { bytesOfView, expectedBytes } from './cells.ts'
import { arena, below, call, kernels, pick, textAt } from '../kernels/bench.ts'

// Random JSON, and how kernels over it are held to the entries of their functions.

const ROUNDS = 900
const ELSEWHERE = -1n
const NOTHING = -2n

export const names = ['a', 'b', 'ab', '', '0', 'ä', '-1', 'longer than sixteen bytes']
const scalars = [
  'null',
  'true',
  'false',
  '0',
  '-1.50',
  '1e3',
  '""',
  '"a"',
  '"ab"',
  '"x,]}"',
  '"\\n\\"\\u0041"',
  '"ä longer than sixteen bytes"',
]
const blanks = ['', '', ' ', '\n\t']

function randomJson(random: Random, depth = 0): string {
  const gap = (): string => pick(random, blanks)
  const shape = below(random, depth > 3 ? 1 : 3)
  if (shape === 0 && below(random, 4) > 0) return pick(random, scalars)
  const items = Array.from(
    { length: below(random, 4) },
    () => `${gap()}${randomJson(random, depth + 1)}${gap()}`,
  )
  if (shape < 2) return `[${items.join()}${items.length === 0 ? gap() : ''}]`
  const members = items.map((item) => `${gap()}${quotedJson(pick(random, names))}${gap()}:${item}`)
  return `{${members.join()}${members.length === 0 ? gap() : ''}}`
}

export const documentOf = (random: Random, type: DataType): string =>
  String(parseScalar(`${pick(random, blanks)}${randomJson(random)}`, type))

/** What a kernel gives and what the entry does; `found` undefined: left to TypeScript. */
export interface Round {
  readonly found: unknown
  readonly expected: unknown
  readonly shown: unknown
}

export const exact = (name: string, ...args: readonly (number | bigint)[]): bigint => {
  call(name, ...args)
  return BigInt(kernels.exports[name]!(...args))
}

export function shownAs(view: bigint, type: DataType): string | null | undefined {
  if (view === ELSEWHERE) return undefined
  if (view === NOTHING) return null
  return type.kind === 'jsonb' ? bytesOfView(view) : textAt(view)
}

export function wantedAs(value: Scalar, type: DataType): string | null {
  return type.kind === 'jsonb' ? expectedBytes(value, type) : value === null ? null : String(value)
}

export const textArray = arrayOf({ kind: 'text' })
export const arrayText = (elements: readonly (string | null)[]): string =>
  writeArrayText({
    dimensions: elements.length === 0 ? [] : [{ lower: 1, length: elements.length }],
    elements,
  })

export type Trials = Readonly<Record<string, (random: Random) => Round>>

/** Declares a test for each kernel, whose rounds are the same in each run. */
export function runTrials(trials: Trials): void {
  test.each(Object.entries(trials))('%s', (name, trial) => {
    const random = seededRandom(43)
    let left = 0
    for (let round = 0; round < ROUNDS; round++) {
      const { found, expected, shown } = trial(random)
      if (found === undefined) left++
      else expect(found, `${name}: ${show(shown)}`).toEqual(expected)
      arena.release()
    }
    expect(left, 'most values are not left to TypeScript').toBeLessThan(ROUNDS / 2)
  })
}

function show(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? `${part}n` : part))
}
