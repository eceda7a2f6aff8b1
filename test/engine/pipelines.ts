import { Engine } from '../../src/engine/process/engine.ts'
import type { ConnectOptions } from '../../src/engine/process/options.ts'
import { runFragment } from '../../src/exec/fragment/fragment.ts'

/** An engine that makes code for every row, as it does for many: for tests whose tables have few. */
export function engineOfPipelines(options: ConnectOptions): Promise<Engine> {
  return Engine.start(options, {
    runFragment: (task, pool, env) =>
      runFragment({ ...task, tuning: { evaluationsMax: 0 } }, pool, env),
  })
}
