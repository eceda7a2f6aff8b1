import { parseArgs } from 'node:util'
import type { FuzzOptions, RunFuzzer } from './fuzzer.ts'

const fuzzers = [
  'sql',
  'functions',
  'places',
  'aggregates',
  'transactions',
  'reruns',
  'sizes',
  'lengths',
  'files',
  'wire',
  'rest',
  'models',
  'cluster',
  'spill',
  'mutants',
] as const
const SECONDS = 60
const SEED_MAX = 2 ** 31

const usage = `usage: npm run fuzz -- [fuzzer] [--seconds ${SECONDS}] [--seed N] [--first] [--unshrunk] [more]
  sql      random statements and sessions (the default)
  functions  every function, operator and cast of the catalogue over random arguments
  places   functions of functions in every place of a statement, held to PostgreSQL 15
  aggregates  aggregates of numerics of any length in every form, held to PostgreSQL 15
  transactions  sessions that take turns, step by step held to PostgreSQL 15
  files    mutated files of every format
  wire     mutated conversations of the PostgreSQL protocol
  cluster  random statements on worker processes that are killed and stopped meanwhile
  spill    random statements over more rows than a small memory holds, against one that has room
  reruns   statements that run again while their tables change, held to PostgreSQL 15
  sizes    statements that are deep, wide or long: what they may take, and that none is our mistake
  lengths  every clause and form repeated 10 to 100,000 times: how time grows, what holds the loop or dies
  rest     requests to the REST API, of use and garbled
  models   models of every class on random rows, held to a plain implementation
  mutants  faults put into the engine on purpose, each of which a fuzzer must find
Without --seed each run takes another one, and prints it; --first ends with the
first finding, --unshrunk tells findings as they come. Exit status: 0 nothing found, 1 found, 2 usage.`

// What reads memory after it was freed, or past its end, is to be found too.
process.env['HEDDLE_HEAP'] ??= 'poison'
process.exitCode = await main(process.argv.slice(2))

async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    strict: false,
    options: {
      seconds: { type: 'string' },
      seed: { type: 'string' },
      first: { type: 'boolean' },
      unshrunk: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  })
  const [wanted = 'sql', ...rest] = positionals
  const name = fuzzers.find((known) => known === wanted)
  const seconds = Number(values.seconds ?? SECONDS)
  const seed = Number(values.seed ?? Math.floor(Math.random() * SEED_MAX))
  if (name === undefined || values.help === true || !(seconds > 0) || !Number.isInteger(seed)) {
    console.error(usage)
    return 2
  }
  const known = new Set(['seconds', 'seed', 'first', 'unshrunk', 'help'])
  const more = Object.entries(values).filter(([option]) => !known.has(option))
  return fuzz(name, {
    seconds,
    seed,
    findingsMax: values.first === true ? 1 : undefined,
    shrinks: values.unshrunk !== true,
    rest: [...rest, ...more.map(([option, value]) => `--${option}=${String(value)}`)],
  })
}

async function fuzz(name: string, options: FuzzOptions): Promise<number> {
  console.log(`fuzz ${name}: seed ${options.seed}, ${options.seconds} s`)
  const module = (await import(new URL(`${name}/run.js`, import.meta.url).href)) as {
    readonly run: RunFuzzer
  }
  const findings = await module.run(options)
  console.log(findings === 0 ? 'nothing found' : `${findings} found`)
  return findings === 0 ? 0 : 1
}
