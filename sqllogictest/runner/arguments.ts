import { parseArgs } from 'node:util'

export interface RunnerArguments {
  readonly paths: readonly string[]
  readonly engine: 'heddle' | 'postgres' | 'duckdb'
  readonly threads: number | undefined
  readonly skipList: string | undefined
  readonly report: string | undefined
  /** Names of configurations of the matrix, or `all`; undefined outside it. */
  readonly matrix: string | undefined
}

const usage =
  'usage: npm run slt -- <paths> [--engine heddle|postgres|duckdb] [--threads n] ' +
  '[--skip-list file] [--report file]\n' +
  '       MATRIX=all|<configuration>,... npm run slt -- <paths> [--skip-list file] [--report file]'

/** Reads the command line; without paths it is all of `sqllogictest`. Throws with the usage. */
export function parseArguments(
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
): RunnerArguments {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      engine: { type: 'string', default: 'heddle' },
      threads: { type: 'string' },
      'skip-list': { type: 'string' },
      report: { type: 'string' },
    },
  })
  const { engine } = values
  if (engine !== 'heddle' && engine !== 'postgres' && engine !== 'duckdb') {
    throw new Error(`unknown engine ${engine}\n${usage}`)
  }
  const threads = values.threads === undefined ? undefined : Number(values.threads)
  if (threads !== undefined && !(Number.isInteger(threads) && threads > 0)) {
    throw new Error(`--threads must be a whole number above 0\n${usage}`)
  }
  const matrix = environment['MATRIX']
  if (matrix !== undefined && (engine !== 'heddle' || threads !== undefined)) {
    throw new Error(`a configuration of the matrix says its engine and threads itself\n${usage}`)
  }
  return {
    paths: positionals.length === 0 ? ['sqllogictest'] : positionals,
    engine,
    threads,
    skipList: values['skip-list'],
    report: values.report,
    matrix,
  }
}
