import type { TestSpecification } from 'vitest/node'
import { BaseSequencer } from 'vitest/node'

/** Files that take more than half a minute, the longest first. */
const longFiles = [
  'test/sqllogictest/matrix.test.ts',
  'test/exec/conformance.test.ts',
  'test/how-to/how-to.test.ts',
  'test/cluster/local-cluster.test.ts',
  'test/engine/partitions-in-parts.test.ts',
  'test/wasm/kernels/conformance.test.ts',
  'test/sqllogictest/own-files.test.ts',
  'test/engine/bigger-than-memory.test.ts',
  'test/engine/model-fits.test.ts',
  'test/engine/counted-rows.test.ts',
]

/** Long files begin first, so that none runs alone at the end while other cores have nothing to do. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => {
      const at = longFiles.findIndex((file) => moduleId.endsWith(`/${file}`))
      return at < 0 ? longFiles.length : at
    }
    const usual = await super.sort(files)
    return usual.toSorted((one, other) => place(one) - place(other))
  }
}
