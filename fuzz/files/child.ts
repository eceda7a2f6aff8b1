import { fork, type ChildProcess } from 'node:child_process'
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
      readonly what: 'exception' | 'leak' | 'memory' | 'hang' | 'crash'
      readonly text: string
    }

/** Longest that one file may take, in milliseconds; a slow machine needs some. */
const ANSWER_MS_MAX = 20_000

/** A process that reads files; started again after it hung or died. */
export class Child {
  #process: ChildProcess | undefined

  async ask(question: Question): Promise<Answer> {
    if (this.#process === undefined) {
      this.#process = fork(new URL('reader.js', import.meta.url), [], {
        execArgv: ['--max-old-space-size=1024'],
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      })
      await this.#answer(this.#process)
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
        clearTimeout(timer)
        child.off('message', finish)
        child.off('exit', died)
        resolve(answer)
      }
      const died = (code: number | null, signal: string | null): void => {
        const text = `the process ended: ${code ?? signal ?? 'unknown'}`
        finish({ kind: 'fault', what: 'crash', text })
      }
      const timer = setTimeout(() => {
        finish({ kind: 'fault', what: 'hang', text: `no answer in ${ANSWER_MS_MAX} ms` })
      }, ANSWER_MS_MAX)
      child.on('message', finish)
      child.on('exit', died)
    })
  }
}
