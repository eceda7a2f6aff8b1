import { memorySources } from '../../cluster/plan-transfer.ts'
import type { RunningStream } from '../../data/vectors/chunk-stream.ts'
import type { StagedPlan } from '../../plan/physical/plan.ts'
import type { CatalogStore } from '../catalog/catalog-store.ts'

/** Holds the tables of a plan of which rows are still made when its statement has ended, as long as that lasts. */
export function holdForRest(
  { ended }: RunningStream,
  plan: StagedPlan,
  catalog: CatalogStore,
): void {
  const tables = plan.stages.flatMap(memorySources).map((source) => catalog.holdTable(source))
  void ended.then(() => {
    for (const table of tables) table.release()
  })
}
