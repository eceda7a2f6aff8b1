import type { Random } from '../../../src/base/world.ts'
import { jsonb, text } from '../../../src/data/types/data-type.ts'
import { parseScalar } from '../../../src/data/types/parse-scalar.ts'
import type { Scalar } from '../../../src/data/types/scalar.ts'
import { scalarEntry } from '../../functions/entries.ts'
import { attempt, viewOf } from '../values/cells.ts'
import {
  arrayText,
  documentOf,
  exact,
  names,
  runTrials,
  shownAs,
  textArray,
  wantedAs,
  type Round,
} from '../values/json-values.ts'
import { below, conformance, pick, placeText, space } from './bench.ts'

// jsonb that is made of other jsonb, by kernels and by the entries of their functions.

/** What the first bytes of a value that has as many at most are to the kernels' forms. */
const MORE_BYTES = 96

const sizeOf = (view: bigint): number => Number(BigInt.asUintN(64, view) >> 32n)

/** What the kernel wrote, where it has room for no more than its form gives it. */
function rewritten(
  kernel: string,
  id: string,
  args: readonly Scalar[],
  lanes: readonly (number | bigint)[],
  more = 0,
): Round {
  const sizes = lanes.map((lane) => (typeof lane === 'bigint' ? sizeOf(lane) : 0))
  const room = space(sizes.reduce((sum, bytes) => sum + bytes, MORE_BYTES + more))
  const found = exact(kernel, ...lanes, room)
  const expected = attempt(() => scalarEntry(id).evaluate(args, [jsonb], jsonb))
  return {
    found: shownAs(found, jsonb),
    expected: expected === 'error' ? expected : wantedAs(expected, jsonb),
    shown: [id, args],
  }
}

/** A value that a path is likely to lead into. */
function nested(random: Random): string {
  const inner = documentOf(random, jsonb)
  const shapes = [`{"a":${inner},"ab":[1,${inner}]}`, `[${inner},{"a":2}]`, inner]
  return String(parseScalar(pick(random, shapes), jsonb))
}

const steps = [...names, '"\n\\', '0', '1', '-1', '+1', '-2', '7', '-7']
/** Steps that are errors or left to TypeScript. */
const oddSteps = [' 1', '1x', '', '99999999999', '-99999999999']

function randomPath(random: Random): string {
  const step = (): string | null =>
    below(random, 12) > 0 ? pick(random, steps) : pick(random, [...oddSteps, null])
  return arrayText(Array.from({ length: below(random, 4) }, step))
}

const ways: readonly { id: string; change: number; takes: readonly boolean[] }[] = [
  { id: '#-(jsonb,array)', change: 0, takes: [] },
  { id: 'jsonb_set(jsonb,array,jsonb)', change: 2, takes: [] },
  { id: 'jsonb_set(jsonb,array,jsonb,bool)', change: 1, takes: [false, true] },
  { id: 'jsonb_insert(jsonb,array,jsonb)', change: 3, takes: [] },
  { id: 'jsonb_insert(jsonb,array,jsonb,bool)', change: 3, takes: [false, true] },
]

const trials: Readonly<Record<string, (random: Random) => Round>> = {
  jsonbChange(random) {
    const [source, path, other] = [nested(random), randomPath(random), documentOf(random, jsonb)]
    const { id, change, takes } = pick(random, ways)
    const flag = takes.length > 0 && pick(random, takes)
    const value = change === 0 ? [] : [other]
    const flags = takes.length > 0 ? [flag] : []
    const views = [viewOf(source, jsonb), viewOf(path, textArray)]
    const lanes = [...views, change === 0 ? 0n : viewOf(other, jsonb), change + Number(flag)]
    return rewritten('jsonbChange', id, [source, path, ...value, ...flags], lanes, 8 * path.length)
  },
  jsonbJoin(random) {
    const [left, right] = [documentOf(random, jsonb), documentOf(random, jsonb)]
    const lanes = [viewOf(left, jsonb), viewOf(right, jsonb)]
    return rewritten('jsonbJoin', '||(jsonb,jsonb)', [left, right], lanes)
  },
  jsonbWithout(random) {
    const [source, name] = [compound(random), pick(random, names)]
    const lanes = [viewOf(source, jsonb), placeText(name)]
    return rewritten('jsonbWithout', '-(jsonb,text)', [source, name], lanes)
  },
  jsonbWithoutAny(random) {
    const source = compound(random)
    const list = arrayText(
      Array.from({ length: below(random, 5) }, () => pick(random, [...names, null])),
    )
    const lanes = [viewOf(source, jsonb), viewOf(list, textArray)]
    return rewritten('jsonbWithoutAny', '-(jsonb,array)', [source, list], lanes)
  },
  jsonbWithoutItem(random) {
    const items = Array.from({ length: below(random, 4) }, () => documentOf(random, jsonb))
    const source = below(random, 6) === 0 ? documentOf(random, jsonb) : `[${items.join(', ')}]`
    const index = below(random, 9) - 4
    const lanes = [viewOf(source, jsonb), index]
    return rewritten('jsonbWithoutItem', '-(jsonb,int4)', [source, index], lanes)
  },
  jsonbStripNulls(random) {
    const source = documentOf(random, jsonb)
    return rewritten(
      'jsonbStripNulls',
      'jsonb_strip_nulls(jsonb)',
      [source],
      [viewOf(source, jsonb)],
    )
  },
  jsonbPretty(random) {
    const source = documentOf(random, jsonb)
    const view = viewOf(source, jsonb)
    const found = exact('jsonbPretty', view, space(Number(exact('jsonbPrettyBytes', view))))
    const expected = scalarEntry('jsonb_pretty(jsonb)').evaluate([source], [jsonb], text)
    return { found: shownAs(found, text), expected, shown: source }
  },
}

/** Mostly an array or object. */
function compound(random: Random): string {
  const source = documentOf(random, jsonb)
  return /^[[{]/.test(source) || below(random, 9) === 0 ? source : compound(random)
}

conformance([...Object.keys(trials), 'jsonbPrettyBytes'], () => runTrials(trials))
