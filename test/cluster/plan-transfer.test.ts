import { describe, expect, test } from 'vitest'
import {
  decodePlan,
  encodePlan,
  memorySources,
  withScans,
} from '../../src/cluster/plan-transfer.ts'
import { queryGraph } from '../../src/cluster/query-graph.ts'
import { address, type Chunk } from '../../src/data/vectors/vector.ts'
import { int4 } from '../../src/data/types/data-type.ts'
import type { StagedPlan } from '../../src/plan/physical/plan.ts'
import { tpchCatalog } from '../plan/tpch-catalog.ts'
import { planText } from './planned.ts'
import { builtInFunctions } from '../../src/functions/built-in.ts'

const queries = [
  `select l_returnflag, sum(l_quantity), avg(l_extendedprice * (1 - l_discount)), count(*)
   from lineitem where l_shipdate <= date '1998-09-02' group by l_returnflag order by 1`,
  `select n_name, sum(l_extendedprice) as revenue
   from customer, orders, lineitem, nation
   where c_custkey = o_custkey and l_orderkey = o_orderkey and c_nationkey = n_nationkey
     and o_orderdate >= date '1994-01-01' + interval '1 month'
   group by n_name order by revenue desc limit 3`,
  `select p_name, case when p_size > 5 then 1.25 else -0.5e300 end, null
   from part where p_name like '%green%' or p_partkey in (1, 9223372036854775807)`,
  `select count(distinct o_custkey) from orders
   where not exists (select 1 from lineitem where l_orderkey = o_orderkey)`,
  `select 1, 'it''s', 170141183460469231731687303715884105727, 'NaN'::float8, '-0'::float8`,
  `select o_custkey from orders union all select c_custkey from customer`,
]

const chunk: Chunk = {
  rows: 5,
  columns: [
    {
      type: int4,
      layout: 'i32',
      length: 5,
      validity: address(0),
      values: address(4_096),
      offsets: address(0),
      dictionary: undefined,
    },
  ],
  statistics: undefined,
}

/** What another process needs of the plan, with rows in every table in memory. */
function withRows(plan: StagedPlan, chunks: readonly Chunk[]): StagedPlan {
  const { columns } = plan
  return { columns, stages: plan.stages.map((stage) => withScans(stage, () => chunks)) }
}

describe('a plan for another process', () => {
  for (const workers of [1, 3]) {
    test.each(queries)(`arrives as it was, for ${workers} workers, without rows: %s`, (sql) => {
      const plan = withRows(planText(sql, tpchCatalog, workers), [chunk, chunk])
      const emptied = { rows: 5, columns: [], statistics: undefined }
      expect(decodePlan(encodePlan(plan), builtInFunctions)).toStrictEqual(
        withRows(plan, [emptied, emptied]),
      )
    })
  }

  test('says what tables in memory its stages read', () => {
    const plan = planText(queries[1]!, tpchCatalog, 2)
    expect(plan.stages.flatMap(memorySources)).toHaveLength(4)
  })
})

describe('the graph of a plan', () => {
  test.each(queries)('has every input that its stages read: %s', (sql) => {
    const plan = planText(sql, tpchCatalog, 3)
    const { graph, resultTasks, firstTask } = queryGraph(plan)
    const stages = plan.stages.filter(({ id }) => firstTask.has(id))
    const tasks = stages.reduce((sum, stage) => sum + stage.partitions, 0)
    expect(graph.tasks).toBe(tasks)
    expect([...graph.wanted.keys()].filter((task) => graph.wanted[task] === 1)).toEqual(resultTasks)
    for (const stage of stages) {
      const expected = stage.inputs.reduce((sum, id) => sum + plan.stages[id]!.partitions, 0)
      const first = firstTask.get(stage.id)!
      for (let task = first; task < first + stage.partitions; task++) {
        expect(graph.inputStart[task + 1]! - graph.inputStart[task]!).toBe(expected)
      }
    }
  })
  test('does not gather on a worker what is only gathered: the client takes the parts in', () => {
    const [scanned, sorted] = ['select * from lineitem', 'select * from lineitem order by 1'].map(
      (sql) => queryGraph(planText(sql, tpchCatalog, 3)),
    )
    expect(scanned!.resultTasks).toEqual([0, 1, 2])
    expect(scanned!.graph.tasks).toBe(3)
    expect(sorted!.resultTasks).toHaveLength(1)
  })
})
