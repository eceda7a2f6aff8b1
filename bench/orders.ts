import { fork } from 'node:child_process'
import { buildOfCommit, makeBuild, thisBuild, type Rival } from './builds.ts'
import { reportAgainst, type Line } from './report.ts'

/** Which of the builds each process loads first. */
const orders = ['ours', 'theirs', 'theirs', 'ours'] as const
export type FirstBuild = (typeof orders)[number]

/**
 * Runs this program in processes of their own, one after the other, that load this build and the
 * commit's in both orders, and reports on all of their rounds. Who is loaded first gets other memory and
 * trains the compilers for both, which is worth several per cent.
 */
export async function compareInBothOrders(commit: string): Promise<void> {
  const { id } = makeBuild(commit)
  const processes: (readonly Line[])[] = []
  for (const first of orders) processes.push(await linesOfProcess(first))
  reportAgainst(id.slice(0, 9), processes)
}

/** Loads both builds in the order that this process was told. */
export async function loadRival(commit: string, first: FirstBuild): Promise<Rival> {
  if (first === 'ours') await thisBuild()
  return { build: await buildOfCommit(commit), isFirst: first === 'theirs' }
}

function linesOfProcess(first: FirstBuild): Promise<readonly Line[]> {
  console.error(`${first} loaded first`)
  return toldByProcess<readonly Line[]>(first)
}

/**
 * What this program sends when it runs with the same options, and those given, in a process of its own, told who is
 * first there.
 */
export function toldByProcess<T>(first: FirstBuild, given: readonly string[] = []): Promise<T> {
  const [, program, ...options] = process.argv
  return new Promise((resolve, reject) => {
    const child = fork(program!, [...options, ...given, '--first', first])
    let told: T | undefined
    child.on('message', (message) => (told = message as T))
    child.once('error', reject)
    child.once('exit', (code) => {
      if (told !== undefined && code === 0) resolve(told)
      else reject(new Error(`the process where ${first} come first ended with ${code}`))
    })
  })
}
