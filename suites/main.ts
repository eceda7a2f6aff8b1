import { parseArgs } from 'node:util'
import { runClientStatements } from './client_statements/run.ts'
import { runRegress } from './pg_regress/run.ts'

const usage = `usage: npm run suite -- pg_regress FOLDER [--only NAME,...] [--report FILE] [--verbose]
       npm run suite -- client_statements FOLDER [--report FILE] [--verbose]

  pg_regress  PostgreSQL's regression scripts (FOLDER has sql/ and data/), each statement on Heddle and on
              the PostgreSQL of PGHOST, PGUSER, ...; what differs is printed with --verbose
  client_statements
              statements that clients send (FOLDER has client_queries_oracle.jsonl, bi-statements.txt) on both\n`

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
  const { report, verbose } = values
  if (suite === 'client_statements' && folder !== undefined) {
    return runClientStatements({ folder, report, verbose })
  }
  if (suite !== 'pg_regress' || folder === undefined) {
    process.stderr.write(usage)
    return false
  }
  const only = values.only?.split(',')
  return runRegress({ folder, only, report, verbose })
}

try {
  process.exitCode = (await main()) ? 0 : 1
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  // The servers of a run that was given up are still there.
  process.exit(2)
}
