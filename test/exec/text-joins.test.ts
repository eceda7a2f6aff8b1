import { describe, test } from 'vitest'
import { seededRandom } from '../../src/base/world.ts'
import { Arena } from '../../src/data/arenas/arena.ts'
import { int4, numeric, text, type DataType } from '../../src/data/types/data-type.ts'
import type { PhysicalJoinKind, PhysicalPlan } from '../../src/plan/physical/plan.ts'
import {
  aggregate,
  call,
  column,
  compare,
  filter,
  hashJoin,
  literal,
  scan,
  stageOf,
} from './plans.ts'
import { checkByReference, createEnvironment } from './running.ts'
import { randomTable } from './tables.ts'

const types: readonly DataType[] = [text, int4, text, numeric]
const env = createEnvironment()
const arena = new Arena(env.heap)
const probes = [1, 2, 3, 4, 5, 6].map((seed) =>
  randomTable(seededRandom(seed), arena, `p${seed}`, types, seed * 70, seed % 3 === 0 ? 0 : 4),
)
const builds = [0, 1, 9, 40].map((rows) =>
  randomTable(seededRandom(rows + 20), arena, `b${rows}`, types, rows, 6),
)
const kinds: readonly PhysicalJoinKind[] = [
  'inner',
  'left',
  'right',
  'full',
  'semi',
  'anti',
  'right-semi',
  'right-anti',
  'mark',
]
const tunings = [{}, { batchRows: 3, morselRows: 20 }, { batchRows: 64, morselRows: 17 }]

const check = (plan: PhysicalPlan): Promise<void> => checkByReference(env, stageOf(plan), tunings)

describe.each(kinds)('%s join over a text key in various dictionaries', (joinKind) => {
  test.each(builds.map((build) => [build.name, build] as const))(
    'with %s',
    async (_name, build) => {
      for (const probe of probes) {
        const [p, b] = [scan(probe), scan(build)]
        const keys = [[column(p, 0), column(b, 0)]] as const
        await check(hashJoin(p, b, { joinKind, keys }))
        const residual = compare('<=', column(p, 1), column(b, 1))
        await check(hashJoin(p, b, { joinKind, keys, residual }))
        const some = filter(p, compare('>', column(p, 1), literal(int4, -2)))
        await check(hashJoin(some, b, { joinKind, keys }))
      }
    },
  )
})

describe.each(['inner', 'left'] as const)('groups by texts of a build row, %s join', (joinKind) => {
  test.each(builds.map((build) => [build.name, build] as const))(
    'with %s',
    async (_name, build) => {
      for (const probe of probes) {
        const [p, b] = [scan(probe), scan(build)]
        const joined = hashJoin(p, b, { joinKind, keys: [[column(p, 0), column(b, 0)]] })
        const counts = [
          { accumulator: 'count-star' },
          { accumulator: 'min', arg: column(p, 1) },
        ] as const
        await check(aggregate(joined, [column(b, 2)], counts))
        await check(aggregate(joined, [column(b, 2), column(b, 3), column(b, 1)], counts))
        await check(aggregate(joined, [column(b, 2), column(p, 1)], counts))
        const upper = call('upper(text)', text, column(b, 2))
        await check(aggregate(joined, [upper], counts))
      }
    },
  )
})
