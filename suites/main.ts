import { parseArgs } from 'node:util'
import { runRegress } from './pg_regress/run.ts'

const usage = `usage: npm run suite -- pg_regress FOLDER [--only NAME,...] [--report FILE] [--verbose]

  pg_regress  PostgreSQL's regression scripts (FOLDER has sql/ and data/), each statement on Heddle and on
              the PostgreSQL of PGHOST, PGUSER, ...; what differs is printed with --verbose\n`

async function main(): Promise<boolean> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      only: { type: 'string' },
      report: { type: 'string' },
      verbose: { type: 'boolean', default: false },
    },
  })
  const [suite, folder] = positionals
  if (suite !== 'pg_regress' || folder === undefined) {
    process.stderr.write(usage)
    return false
  }
  const only = values.only?.split(',')
  return runRegress({ folder, only, report: values.report, verbose: values.verbose })
}

try {
  process.exitCode = (await main()) ? 0 : 1
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  // The servers of a run that was given up are still there.
  process.exit(2)
}
