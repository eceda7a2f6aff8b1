import { describe, expect, test } from 'vitest'
import { present } from '../../src/base/assert.ts'
import type { Pipeline } from '../../src/compile/model/pipeline.ts'
import type { ColumnShape } from '../../src/compile/model/shapes.ts'
import { canonicalize } from '../../src/compile/shape/canonical.ts'
import { viewPipeline } from '../../src/compile/shape/row-sources.ts'
import { shapeKey } from '../../src/compile/shape/shape-key.ts'
import { cutFragment } from '../../src/exec/cut/cut-pipelines.ts'
import {
  postedPipeline,
  receivedPipeline,
  type PostedPipeline,
} from '../../src/exec/jobs/posted-pipeline.ts'
import { finishSteps } from '../../src/exec/jobs/steps.ts'
import { canonicalForm, shapedPipeline } from '../../src/exec/thread/shaped-pipelines.ts'
import { builtInFunctions } from '../../src/functions/built-in.ts'
import { bindQuery } from '../../src/plan/binder/bind.ts'
import { optimize } from '../../src/plan/optimizer/optimize.ts'
import { planPhysical } from '../../src/plan/physical/plan-query.ts'
import type { Stage } from '../../src/plan/physical/plan.ts'
import { cutStages } from '../../src/plan/physical/stages.ts'
import { parseStatements } from '../../src/sql/parse.ts'
import { bindContext } from '../plan/binder/binding.ts'

const grouped = 'select a % 3, sum(a), max(upper(b)) from t where a > 5 group by a % 3'

describe('a stage that runs again', () => {
  test('has the same pipelines', () => {
    const stage = stageOf(grouped)
    expect(cutFragment(stage, 1_024)).toBe(cutFragment(stage, 1_024))
  })

  test('is cut anew for batches of another size', () => {
    const stage = stageOf(grouped)
    const sizes = [1_024, 16].map((rows) => present(cutFragment(stage, rows).pipelines[0], 'one'))
    expect(sizes.map(({ batchRows }) => batchRows)).toEqual([1_024, 16])
  })
})

describe('a pipeline on its way to threads', () => {
  test('is packed once, and one object on a thread that it comes to again', () => {
    const pipeline = pipelineOf(grouped)
    const posted = post(pipeline)
    expect(post(pipeline)).toBe(posted)
    const there = receive(posted)
    expect(there).toEqual(pipeline)
    expect(receive(post(pipeline))).toBe(there)
  })

  test('is told apart from another that says the same', () => {
    const [one, other] = [post(pipelineOf(grouped)), post(pipelineOf(grouped))]
    expect(other.number).not.toBe(one.number)
    expect(receive(other)).not.toBe(receive(one))
  })

  test('is not kept where it is long because its data are', () => {
    const members = Array.from({ length: 20_000 }, (_, i) => i * 3).join(', ')
    const pipeline = pipelineOf(`select a from t where a in (${members})`)
    const posted = post(pipeline)
    expect(posted.isKept).toBe(false)
    expect(post(pipeline)).not.toBe(posted)
    const there = receive(posted)
    expect(there).toEqual(pipeline)
    expect(receive(posted)).not.toBe(there)
  })

  test('is given up by a thread that has many younger ones', () => {
    const first = post(pipelineOf(grouped))
    const there = receive(first)
    for (let i = 0; i < 255; i++) receive(post(pipelineOf(`select a + ${i} from t`)))
    expect(receive(first)).toBe(there)
    for (let i = 0; i < 256; i++) receive(post(pipelineOf(`select a - ${i} from t`)))
    const anew = receive(first)
    expect(anew).not.toBe(there)
    expect(anew).toEqual(there)
  })
})

describe('a pipeline over chunks of one shape', () => {
  const shapes: readonly ColumnShape['nullable'][] = [true, false]

  test('is made canonical once a shape, as it would be anew', () => {
    const pipeline = pipelineOf(grouped)
    const keys = shapes.map((nullable) => {
      const columns = columnsOf(pipeline, nullable)
      const shaped = shapedPipeline(pipeline, columns, shapeKey(columns))
      expect(shapedPipeline(pipeline, columns, shapeKey(columns))).toBe(shaped)
      const kept = canonicalForm(shaped, 'plain', 64)
      expect(canonicalForm(shaped, 'plain', 64)).toBe(kept)
      const anew = canonicalize(viewPipeline(pipeline, columns), { columns, dense: undefined }, 64)
      expect(kept).toEqual(anew)
      return kept.key
    })
    expect(keys[0]).not.toBe(keys[1])
  })
})

function columnsOf({ source }: Pipeline, nullable: boolean): readonly ColumnShape[] {
  if (source.kind !== 'chunks') throw new Error('not over chunks')
  return source.columns.map(({ type }) => ({
    layout: type.kind === 'text' ? 'utf8' : 'i32',
    nullable,
    entries: undefined,
  }))
}

function post(pipeline: Pipeline): PostedPipeline {
  const posted = finishSteps(postedPipeline(pipeline))
  if (posted === 'only here') throw new Error('cannot be posted')
  return posted
}

function receive(posted: PostedPipeline): Pipeline {
  return receivedPipeline(structuredClone(posted), builtInFunctions)
}

function pipelineOf(sql: string): Pipeline {
  return present(cutFragment(stageOf(sql), 1_024).pipelines[0], 'a pipeline')
}

function stageOf(sql: string): Stage {
  const [statement] = parseStatements(sql)
  if (statement?.kind !== 'select') throw new Error('not a query')
  const { relation } = bindQuery(statement, bindContext())
  const optimized = optimize(relation, { functions: builtInFunctions })
  const plan = planPhysical(optimized, { workers: 1 })
  return present(cutStages(plan, { workers: 1 }).stages[0], 'a stage')
}
