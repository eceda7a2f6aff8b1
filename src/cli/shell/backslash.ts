import type { Session } from '../../engine/session.ts'
import { errorText } from '../print/error-text.ts'
import { resultText } from '../print/print-result.ts'
import type { ShellState } from './shell-state.ts'

const help = `  \\dt          tables and views
  \\d NAME      columns of a table or view
  \\dm          models
  \\timing      show the time of each statement, or stop
  \\? \\h        this help
  \\q           leave`

/** Runs one of the shell's own commands and gives what to print. */
export async function backslashCommand(
  session: Session,
  state: ShellState,
  line: string,
  widthMax: number,
): Promise<string> {
  const [command = '', ...rest] = line.split(/\s+/)
  const argument = rest.join(' ').replace(/;$/, '')
  switch (command) {
    case '\\q':
      state.quit = true
      return ''
    case '\\timing':
      state.timing = argument === '' ? !state.timing : argument === 'on'
      return `Timing is ${state.timing ? 'on' : 'off'}.`
    case '\\dt':
      return answer(session, 'show tables', widthMax)
    case '\\dm':
      return answer(session, 'show models', widthMax)
    case '\\d':
      return answer(session, argument === '' ? 'show tables' : `describe ${argument}`, widthMax)
    case '\\?':
    case '\\h':
      return help
    default:
      return `invalid command ${command}\nTry \\? for help.`
  }
}

async function answer(session: Session, sql: string, widthMax: number): Promise<string> {
  try {
    return resultText(await session.query(sql), widthMax)
  } catch (error) {
    return errorText(error, sql)
  }
}
