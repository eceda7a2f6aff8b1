import { fork, type ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import type { TextRows } from './tables.ts'

export interface Question {
  readonly path: string
  readonly withRows: boolean
}

/** What reading a file gave. */
export type Answer =
  | { readonly kind: 'ready' }
  | {
      readonly kind: 'rows'
      readonly count: number
      readonly digest: string
      readonly rows?: TextRows
    }
  | { readonly kind: 'error'; readonly sqlState: string; readonly text: string }
  | {
      readonly kind: 'fault'
      readonly what: 'exception' | 'rows' | 'leak' | 'memory' | 'hang' | 'crash'
      readonly text: string
    }

/** Processor time that one file may take, in seconds: others may keep the machine busy. */
const ANSWER_CPU_SECONDS_MAX = 10
/** Longest to wait for an answer whatever the process does, in seconds. */
const ANSWER_SECONDS_MAX = 300
const TICKS_A_SECOND = 100

/** A process that reads files; started again after it hung or died. */
export class Child {
  #process: ChildProcess | undefined

  async ask(question: Question): Promise<Answer> {
    if (this.#process === undefined) {
      this.#process = fork(new URL('reader.js', import.meta.url), [], {
        execArgv: ['--max-old-space-size=1024'],
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      })
      const started = await this.#answer(this.#process)
      if (started.kind !== 'ready') throw new Error(`the reader does not start: ${started.kind}`)
    }
    this.#process.send(question)
    const answer = await this.#answer(this.#process)
    if (answer.kind === 'fault') this.close()
    return answer
  }

  close(): void {
    this.#process?.kill('SIGKILL')
    this.#process = undefined
  }

  #answer(child: ChildProcess): Promise<Answer> {
    return new Promise((resolve) => {
      const finish = (answer: Answer): void => {
        clearInterval(timer)
        child.off('message', finish)
        child.off('exit', died)
        resolve(answer)
      }
      const died = (code: number | null, signal: string | null): void => {
        const text = `the process ended: ${code ?? signal ?? 'unknown'}`
        finish({ kind: 'fault', what: 'crash', text })
      }
      const began = { at: performance.now(), cpu: cpuSeconds(child.pid) }
      const timer = setInterval(() => {
        const seconds = (performance.now() - began.at) / 1000
        const cpu = cpuSeconds(child.pid)
        const used = cpu === undefined ? seconds : cpu - (began.cpu ?? 0)
        if (used < ANSWER_CPU_SECONDS_MAX && seconds < ANSWER_SECONDS_MAX) return
        const text = `no answer in ${Math.round(used)} s of work, ${Math.round(seconds)} s in all`
        finish({ kind: 'fault', what: 'hang', text })
      }, 500)
      child.on('message', finish)
      child.on('exit', died)
    })
  }
}

/** Processor time that a process has used, where the system tells (proc(5)); else undefined. */
function cpuSeconds(pid: number | undefined): number | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)?.split(' ') ?? []
    return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND
  } catch {
    return undefined
  }
}
