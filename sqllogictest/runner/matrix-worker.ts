import { configurations, configuredEngine } from './configurations.ts'
import type { MatrixAnswer, MatrixTask } from './matrix.ts'
import { runTestFile } from './test-files.ts'

/** A process of the matrix: it runs one file at a time until nobody is there to ask it. */
process.on('message', (task: MatrixTask) => {
  void answer(task).then((message) => process.send?.(message))
})

async function answer({ configuration, file, skips }: MatrixTask): Promise<MatrixAnswer> {
  const found = configurations.find(({ name }) => name === configuration)
  if (found === undefined) return { fault: `no configuration ${configuration}` }
  try {
    return { report: await runTestFile(file, configuredEngine(found), skips) }
  } catch (error) {
    return { fault: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}
