import { startThreadJob } from '../../exec/fragment/fragment.ts'
import { builtInFunctions } from '../../functions/built-in.ts'
import { readyArrow } from '../../io/arrow-library.ts'
import { serveThread } from './thread-loop.ts'

/** The program of a pool's threads. Messages wait for whoever begins to serve them. */
export async function runThread(): Promise<void> {
  // From a text it has no place; from a file it is where it was installed.
  await readyArrow({ isInstalled: true })
  serveThread((env, job) => startThreadJob(env, job, builtInFunctions))
}
