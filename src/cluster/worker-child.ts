import { spawn, type ChildProcess } from 'node:child_process'
import { Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { builtFile } from '../base/built-file.ts'
import { notSupported } from '../base/errors.ts'
import type { WorkerProcessOptions } from './worker-process.ts'

const STOP_TIMEOUT_MS = 5_000
const STDERR_CHARACTERS_MAX = 4_096

/** A worker process that this process started. */
export interface WorkerChild {
  readonly processId: number | undefined
  /** Resolves when the process is gone, with what it last wrote about its end. */
  readonly exited: Promise<string>
  /** Ends it at once, whatever it does. */
  kill(): void
  /** Lets it end by itself, and after five seconds by force. */
  stop(): Promise<void>
}

export function startWorkerChild(
  options: WorkerProcessOptions,
  entry: URL | undefined = builtFile('worker-main.js', import.meta.url),
): WorkerChild {
  if (entry === undefined) throw notSupported('worker processes from an application bundle')
  const child = spawn(process.execPath, [fileURLToPath(entry)], {
    stdio: ['pipe', 'ignore', 'pipe'],
    env: { ...process.env, NODE_OPTIONS: '' },
  })
  child.stdin.on('error', () => {})
  child.stdin.write(`${JSON.stringify(options)}\n`)
  // A worker that waits for work does not keep this process alive, which it ends with.
  child.unref()
  for (const pipe of [child.stdin, child.stderr]) if (pipe instanceof Socket) pipe.unref()
  const exited = exitOf(child)
  return {
    processId: child.pid,
    exited,
    kill: () => void child.kill('SIGKILL'),
    async stop() {
      child.stdin.end()
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS)
      await exited
      clearTimeout(timer)
    },
  }
}

function exitOf(child: ChildProcess): Promise<string> {
  let stderr = ''
  child.stderr?.setEncoding('utf8')
  child.stderr?.on('data', (text: string) => {
    stderr = (stderr + text).slice(-STDERR_CHARACTERS_MAX)
  })
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('close', (code, signal) => {
      resolve(`${signal ?? `exit code ${code}`}${stderr === '' ? '' : `: ${stderr.trim()}`}`)
    })
  })
}
