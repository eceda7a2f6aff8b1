import { createInterface } from 'node:readline'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { readFileSync, writeFileSync } from 'node:fs'
import type { Session } from '../../engine/session.ts'
import { errorText } from '../error-text.ts'
import { resultText, terminalWidth } from '../print-result.ts'
import { backslashCommand } from './backslash.ts'
import { isComplete } from './statement-end.ts'

export interface ShellStreams {
  readonly input: NodeJS.ReadStream
  readonly output: NodeJS.WriteStream
}

/** What the shell's own commands can change. */
export interface ShellState {
  timing: boolean
  quit: boolean
  /** Texts that failed so far. */
  failures: number
}

const HISTORY_LINES_MAX = 1_000
const historyFile = join(homedir(), '.heddle_history')

/**
 * Reads statements until \q or the end of the input; each may go over several lines. Gives how many
 * texts failed.
 */
export async function runShell(session: Session, { input, output }: ShellStreams): Promise<number> {
  const state: ShellState = { timing: false, quit: false, failures: 0 }
  const isTerminal = input.isTTY && output.isTTY
  const lines = createInterface({
    input,
    output,
    terminal: isTerminal,
    history: isTerminal ? readHistory() : [],
    historySize: HISTORY_LINES_MAX,
  })
  lines.on('history', (history: string[]) => saveHistory(history))
  let text = ''
  const running = new CurrentStatement(() => {
    text = ''
    print('')
    prompt()
  })
  lines.on('SIGINT', () => running.interrupt())
  const print = (text: string): void => void output.write(`${text}\n`)
  if (isTerminal) print('Heddle. \\? for help, \\q to leave.')
  const prompt = (): void => {
    lines.setPrompt(text === '' ? 'heddle=> ' : 'heddle-> ')
    if (isTerminal) lines.prompt()
  }
  prompt()
  for await (const line of lines) {
    if (text.trim() === '' && line.trimStart().startsWith('\\')) {
      print(await backslashCommand(session, state, line.trim(), terminalWidth(output)))
    } else {
      text = text === '' ? line : `${text}\n${line}`
      if (isComplete(text)) {
        await runStatements(session, state, text, { print, width: terminalWidth(output), running })
        text = ''
      }
    }
    if (state.quit) break
    prompt()
  }
  if (!state.quit && text.trim() !== '') {
    await runStatements(session, state, text, { print, width: terminalWidth(output), running })
  }
  lines.close()
  session.close()
  return state.failures
}

/** Ctrl-C cancels the statement that runs; with none running it starts a fresh prompt. */
class CurrentStatement {
  readonly #prompt: () => void
  #abort: AbortController | undefined

  constructor(prompt: () => void) {
    this.#prompt = prompt
  }

  begin(): AbortSignal {
    this.#abort = new AbortController()
    return this.#abort.signal
  }

  end(): void {
    this.#abort = undefined
  }

  interrupt(): void {
    if (this.#abort === undefined) this.#prompt()
    else this.#abort.abort()
  }
}

interface Printing {
  readonly print: (text: string) => void
  readonly width: number
  readonly running: CurrentStatement
}

async function runStatements(
  session: Session,
  state: ShellState,
  text: string,
  { print, width: widthMax, running }: Printing,
): Promise<void> {
  try {
    for (const statement of session.parse(text)) {
      const started = performance.now()
      const signal = running.begin()
      const result = await session.execute(text, statement, [], { signal })
      print(resultText(result, widthMax))
      result.release()
      if (state.timing) print(`Time: ${(performance.now() - started).toFixed(3)} ms`)
    }
  } catch (error) {
    state.failures += 1
    print(errorText(error, text))
  } finally {
    running.end()
  }
}

function readHistory(): string[] {
  try {
    return readFileSync(historyFile, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
  } catch {
    // No history yet.
    return []
  }
}

function saveHistory(history: readonly string[]): void {
  try {
    writeFileSync(historyFile, history.slice(0, HISTORY_LINES_MAX).join('\n'), { mode: 0o600 })
  } catch {
    // A home that cannot be written to costs the history, nothing else.
  }
}
