import { createInterface, type Interface } from 'node:readline'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { readFileSync, writeFileSync } from 'node:fs'
import type { QueryError } from '../../base/errors.ts'
import type { Session } from '../../engine/session.ts'
import { errorText } from '../print/error-text.ts'
import { resultText, terminalWidth } from '../print/print-result.ts'
import { backslashCommand } from './backslash.ts'
import { isComplete } from './statement-end.ts'
import { textLines, type InputLine } from './text-lines.ts'
import type { ShellState } from './shell-state.ts'

export interface ShellStreams {
  readonly input: NodeJS.ReadStream
  readonly output: NodeJS.WriteStream
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
  const editor = isTerminal ? openEditor(input, output) : undefined
  let text = ''
  let refusal: QueryError | undefined
  const running = new CurrentStatement(() => {
    text = ''
    print('')
    prompt()
  })
  editor?.on('SIGINT', () => running.interrupt())
  const print = (text: string): void => void output.write(`${text}\n`)
  if (isTerminal) print('Heddle. \\? for help, \\q to leave.')
  const prompt = (): void => {
    editor?.setPrompt(text === '' ? 'heddle=> ' : 'heddle-> ')
    editor?.prompt()
  }
  prompt()
  const runText = async (): Promise<void> => {
    if (refusal === undefined) {
      await runStatements(session, state, text, { print, width: terminalWidth(output), running })
    } else {
      state.failures += 1
      print(errorText(refusal, text))
    }
    text = ''
    refusal = undefined
  }
  for await (const line of editor === undefined ? textLines(input) : editedLines(editor)) {
    if (text.trim() === '' && line.text.trimStart().startsWith('\\')) {
      print(await backslashCommand(session, state, line.text.trim(), terminalWidth(output)))
    } else {
      text = text === '' ? line.text : `${text}\n${line.text}`
      refusal ??= line.refusal
      if (isComplete(text)) await runText()
    }
    if (state.quit) break
    prompt()
  }
  if (!state.quit && text.trim() !== '') await runText()
  editor?.close()
  session.close()
  return state.failures
}

function openEditor(input: NodeJS.ReadStream, output: NodeJS.WriteStream): Interface {
  const history = readHistory()
  const options = { input, output, terminal: true, history, historySize: HISTORY_LINES_MAX }
  const editor = createInterface(options)
  editor.on('history', (lines: string[]) => saveHistory(lines))
  return editor
}

async function* editedLines(editor: Interface): AsyncGenerator<InputLine> {
  for await (const text of editor) yield { text, refusal: undefined }
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
    for (const statement of await session.parse(text)) {
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
