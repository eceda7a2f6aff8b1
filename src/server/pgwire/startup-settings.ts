import { QueryError } from '../../base/errors.ts'
import type { Notice } from '../../engine/results/result.ts'
import type { Session } from '../../engine/session.ts'

/** Parameters of the startup packet that are no settings. */
const ownParameters: ReadonlySet<string> = new Set(['user', 'database', 'options', 'replication'])

/**
 * Settings of the startup packet: the session begins with them, and RESET goes back to them. What
 * PostgreSQL refuses ends the connection with its error. What Heddle alone does not have
 * is left as it is, as the client can see from ParameterStatus, with a warning.
 * Those of `options` come first, so that parameters of their own override them.
 */
export function applyStartupSettings(
  session: Session,
  parameters: ReadonlyMap<string, string>,
): readonly Notice[] {
  const { settings } = session
  const notices: Notice[] = []
  settings.start('session_authorization', parameters.get('user') ?? '')
  const own = [...parameters].filter(([name]) => !ownParameters.has(name))
  const all = [...settingsOfOptions(parameters.get('options') ?? ''), ...own]
  for (const [name, value] of all.filter(([name]) => !name.startsWith('_pq_.'))) {
    try {
      settings.startAs(name, value)
    } catch (error) {
      if (!(error instanceof QueryError) || error.code !== 'FEATURE_NOT_SUPPORTED') throw error
      notices.push({ sqlState: error.sqlState, severity: 'WARNING', message: error.message })
    }
  }
  return notices
}

/** `-c name=value` and `--name=value`, as a command line has them. Errors: SYNTAX_ERROR. */
function settingsOfOptions(options: string): readonly (readonly [string, string])[] {
  const words = splitOptions(options)
  const found: [string, string][] = []
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    const dashes = /^(?:-c|--)/.exec(word)?.[0]
    const setting = word === '-c' ? words.shift() : word.slice(dashes?.length)
    if (dashes === undefined || setting === undefined || setting === '') throw invalidOption(word)
    const at = setting.indexOf('=')
    if (at < 0) {
      const shown = `${dashes}${dashes === '-c' ? ' ' : ''}${setting}`
      throw new QueryError('SYNTAX_ERROR', `${shown} requires a value`)
    }
    found.push([setting.slice(0, at).replaceAll('-', '_'), setting.slice(at + 1)])
  }
  return found
}

/** Words between blanks; a backslash takes what comes next as it is. */
function splitOptions(options: string): string[] {
  const words = options.match(/(?:\\[^]|[^\s\\])+/g) ?? []
  return words.map((word) => word.replaceAll(/\\([^])/g, '$1'))
}

function invalidOption(word: string): QueryError {
  const message = `invalid command-line argument for server process: ${word}`
  return new QueryError('SYNTAX_ERROR', message)
}
