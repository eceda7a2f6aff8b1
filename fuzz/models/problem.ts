import type { Chooser } from '../chooser.ts'

/** What a shrunk problem may have at most. */
export interface Limits {
  readonly rows: number
  readonly features: number
}

export const limitsMax: Limits = { rows: 200_000, features: 128 }
/** What the reference computes grows so: it has a second or so. */
const PRODUCTS_MAX = 100_000_000
const VALUES_MAX = 2_000_000

/** Rows to train a model on, and how. */
export interface Problem {
  readonly modelClass: 'LinearRegression' | 'LogisticRegression'
  readonly rows: number
  readonly features: readonly Feature[]
  /** Of LogisticRegression 0 and 1. */
  readonly target: Float64Array
  /** The classes of 0 and 1, as SQL. */
  readonly classes: readonly [string, string]
  readonly inversePenalty: number
}

export interface Feature {
  readonly values: Float64Array
  /** What is NULL in the query. */
  readonly nullValue: number | undefined
  /** The feature of which this is a copy. */
  readonly copyOf: number | undefined
}

export function makeProblem(chooser: Chooser, limits: Limits): Problem {
  const count = Math.min(limits.features, chooser.pick([1, 1, 2, 3, 5, 8, 17, 40, 128]))
  const rowsMax = Math.min(limits.rows, VALUES_MAX / count, PRODUCTS_MAX / count ** 2)
  const rows = Math.max(1, Math.floor(rowsMax ** chooser.pick([0, 0.1, 0.3, 0.5, 0.7, 1])))
  const features: Feature[] = []
  while (features.length < count) features.push(makeFeature(chooser, rows, features))
  const sizes = features.map(({ values }) => values.reduce((a, v) => Math.max(a, Math.abs(v)), 0))
  const weights = features.map(() => (chooser.chance(0.3) ? 0 : normal(chooser)))
  const noise = chooser.pick([0, 0, 1e-3, 1, 10])
  const level = chooser.pick([0, 0, 1, 1e6])
  const scores = Float64Array.from({ length: rows }, (_, row) => {
    const told = features.map(({ values }, i) => (weights[i]! * values[row]!) / (sizes[i]! || 1))
    return told.reduce((sum, value) => sum + value, noise === 0 ? 0 : noise * normal(chooser))
  })
  const isLinear = chooser.chance(0.5)
  const middle = chooser.pick([0, scores[rows >> 1]!, Infinity])
  const scale = anySize(chooser)
  return {
    modelClass: isLinear ? 'LinearRegression' : 'LogisticRegression',
    rows,
    features,
    target: scores.map((score) => (isLinear ? (score + level) * scale : score > middle ? 1 : 0)),
    classes: chooser.pick([
      ['false', 'true'],
      ["'no'", "'yes'"],
      ['-7', '1234'],
      ['0::int8', '10000000000'],
    ]),
    inversePenalty: chooser.pick([1, 1, 1e-3, 100, 1e6]),
  }
}

function anySize(chooser: Chooser): number {
  if (chooser.chance(0.6)) return 1
  const most = chooser.chance(0.3) ? 290 : 6
  return 10 ** chooser.between(-most, most)
}

function normal(chooser: Chooser): number {
  const part = (): number => chooser.between(0, 1e9) / 1e9
  return part() + part() + part() - part() - part() - part()
}

function makeFeature(chooser: Chooser, rows: number, before: readonly Feature[]): Feature {
  const kind = chooser.pick([
    'normal',
    'normal',
    'whole',
    'few',
    'constant',
    'copy',
    'sum',
    'close',
  ])
  const values = new Float64Array(rows)
  const plain = { values, nullValue: undefined, copyOf: undefined }
  const source = before.length === 0 ? undefined : chooser.between(0, before.length - 1)
  if (source !== undefined && (kind === 'copy' || kind === 'sum' || kind === 'close')) {
    const first = before[source]!.values
    const second = chooser.pick(before).values
    const largest = first.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
    for (let row = 0; row < rows; row++) {
      if (kind === 'copy') values[row] = first[row]!
      else if (kind === 'sum') values[row] = first[row]! / 2 + second[row]! / 4
      else values[row] = first[row]! + largest * 1e-5 * normal(chooser)
    }
    return { ...plain, copyOf: kind === 'copy' ? source : undefined }
  }
  const scale = anySize(chooser)
  const mean = chooser.pick([0, 0, 1, -3, 8])
  for (let row = 0; row < rows; row++) {
    if (kind === 'constant') values[row] = (mean + 0.1) * scale
    else if (kind === 'whole') values[row] = chooser.between(0, 1000)
    else if (kind === 'few') values[row] = chooser.between(0, 2)
    else values[row] = (normal(chooser) + mean) * scale
  }
  const isOdd = chooser.chance(0.01)
  if (isOdd) values[chooser.between(0, rows - 1)] = chooser.pick([NaN, Infinity, -Infinity])
  const nullValue = !isOdd && chooser.chance(0.1) ? values[chooser.between(0, rows - 1)] : undefined
  return { ...plain, nullValue }
}
