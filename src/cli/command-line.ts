import { readFileSync } from 'node:fs'
import { connect } from '../engine/connect.ts'
import { parseCommand, usage, type Command } from './arguments.ts'
import { errorText } from './print/error-text.ts'
import { resultText, terminalWidth } from './print/print-result.ts'
import { runShell } from './shell/shell.ts'
import type { Database } from '../engine/database.ts'

/** Does what the command line says; the status to exit with. Complains on standard error. */
export async function runCommandLine(args: readonly string[]): Promise<number> {
  let text = ''
  try {
    const command = parseCommand(args, process.env)
    if (command.kind === 'sql') text = command.text
    return await run(command)
  } catch (error) {
    console.error(errorText(error, text))
    return 1
  }
}

async function run(command: Command): Promise<number> {
  switch (command.kind) {
    case 'help':
      console.log(usage)
      return 0
    case 'version':
      console.log(version())
      return 0
    case 'sql': {
      const db = await connect(command.connect)
      try {
        await printAnswers(db, command.text)
      } finally {
        await db.close()
      }
      return 0
    }
    case 'shell': {
      const db = await connect(command.connect)
      const failures = await runShell(db.session(), {
        input: process.stdin,
        output: process.stdout,
      })
      await db.close()
      return failures > 0 && !process.stdin.isTTY ? 1 : 0
    }
    case 'serve': {
      const { runServe } = await import('./run-serve.ts')
      return runServe(command)
    }
    case 'tour': {
      const { runTourCommand } = await import('./run-serve.ts')
      return runTourCommand(command)
    }
  }
}

async function printAnswers(db: Database, text: string): Promise<void> {
  const session = db.session()
  for (const statement of await session.parse(text)) {
    const result = await session.execute(text, statement)
    console.log(resultText(result, terminalWidth(process.stdout)))
    result.release()
  }
}

function version(): string {
  const manifest = new URL('../../package.json', import.meta.url)
  const { version: number } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }
  return `heddle ${number}`
}
