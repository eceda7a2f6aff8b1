import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api'
import { Chooser } from '../chooser.ts'
import type { FuzzOptions } from '../fuzzer.ts'
import { Child, type Answer } from './child.ts'
import { edited, randomEdits, type Edit } from './mutations.ts'
import { plain, queryOf, randomTable, textsOf, type TestTable, type TextRows } from './tables.ts'
import { writeRandom, type WrittenFile } from './writers.ts'

/** How often a file is damaged after it was read whole, which takes most of the time. */
const DAMAGED_CHANCE = 0.3
/** Mutants of one file, and of one that takes long to read. */
const MUTANTS_A_FILE = 60
const MUTANTS_A_LONG_FILE = 3
const LONG_FILE_ROWS = 10_000
/** SQLSTATE of a value that is not of the type that the first ones told. */
const OTHER_TYPE = '22P04'
/** A run ends early when it has found so much. */
const FINDINGS_MAX = 20

/**
 * Classes of SQLSTATEs that a file can be answered with: not supported, data, limits, out of memory,
 * system error (a file that cannot be read). Anything else is ours.
 */
const stateClasses = new Set(['0A', '22', '53', '54', '58'])

interface Tally {
  files: number
  mutants: number
  rows: number
  refused: number
  readonly refusals: Map<string, number>
}

interface Bench {
  readonly child: Child
  readonly connection: DuckDBConnection
  readonly folder: string
  readonly tally: Tally
  readonly known: Set<string>
}

/**
 * Files of every format: whole ones must be read as DuckDB reads them, damaged ones must give rows or
 * an error of their class, never an internal error, a hang, a leak or a dead process.
 */
export async function run(options: FuzzOptions): Promise<number> {
  const { seconds, seed, findingsMax = FINDINGS_MAX } = options
  const ends = performance.now() + seconds * 1000
  const folder = mkdtempSync(join(tmpdir(), 'heddle-fuzz-files-'))
  const connection = await (await DuckDBInstance.create(':memory:')).connect()
  const tally: Tally = { files: 0, mutants: 0, rows: 0, refused: 0, refusals: new Map() }
  const bench: Bench = { child: new Child(), connection, folder, tally, known: new Set() }
  try {
    const goesOn = (): boolean => performance.now() < ends && bench.known.size < findingsMax
    for (let round = 0; goesOn(); round++) await runRound(bench, seed + round, goesOn)
  } finally {
    bench.child.close()
    connection.closeSync()
    if (bench.known.size === 0) rmSync(folder, { recursive: true })
  }
  const { files, mutants, rows, refused, refusals } = tally
  console.log(`${files} files, ${mutants} mutants: ${rows} read, ${refused} refused`)
  const counts = [...refusals].sort(([, a], [, b]) => b - a)
  console.log(counts.map(([state, count]) => `${state}: ${count}`).join(', '))
  return bench.known.size
}

async function runRound(bench: Bench, seed: number, goesOn: () => boolean): Promise<void> {
  const choose = new Chooser(seed)
  const table = randomTable(choose)
  const file = await writeRandom(bench.connection, table, choose, bench.folder)
  bench.tally.files++
  const whole = await readBytes(bench, file, file.bytes, true)
  const difference = await differenceOf(bench, table, file, whole)
  if (difference !== undefined) {
    tell(bench, seed, file, file.bytes, `a whole file: ${difference}`)
    return
  }
  if (!choose.chance(DAMAGED_CHANCE)) return
  const most = table.rows < LONG_FILE_ROWS ? MUTANTS_A_FILE : MUTANTS_A_LONG_FILE
  for (let i = 0; i < most && goesOn(); i++) {
    const edits = randomEdits(choose, file.bytes.length)
    bench.tally.mutants++
    const fault = await faultOf(bench, file, whole, edits)
    if (fault === undefined) continue
    const fewer = await shrink(bench, file, whole, edits, fault)
    tell(bench, seed, file, edited(file.bytes, fewer), `${fault} (${JSON.stringify(fewer)})`)
  }
}

/** What is wrong with the answer for a whole file. */
async function differenceOf(
  { connection, folder }: Bench,
  table: TestTable,
  file: WrittenFile,
  answer: Answer,
): Promise<string | undefined> {
  if (answer.kind !== 'rows')
    return isRefusedRightly(table, file, answer) ? undefined : describe(answer)
  const path = join(folder, `fuzzed.${file.extension}`)
  const { columns } = table
  // DuckDB reads no Arrow files, and makes floats of JSON's long integers; but it made the rows.
  if (/^(?:arrow|json)/.test(file.extension)) {
    const rows = await textsOf(connection, `(${queryOf(table)})`, columns)
    return firstDifference(answer.rows ?? [], rows, columns)
  }
  const readers = { parquet: 'read_parquet', csv: 'read_csv' } as const
  const format = file.extension.replace('.gz', '') as keyof typeof readers
  const options = format === 'csv' ? ', all_varchar = true, header = true' : ''
  const expected = await textsOf(connection, `${readers[format]}('${path}'${options})`, columns)
  return firstDifference(answer.rows ?? [], expected, columns)
}

/** A value that needs a wider type than those that were looked at is refused, never rounded. */
function isRefusedRightly(table: TestTable, { sampledRows }: WrittenFile, answer: Answer): boolean {
  if (answer.kind !== 'error' || answer.sqlState !== OTHER_TYPE || sampledRows === undefined) {
    return false
  }
  return table.columns.some(({ widerAt = -1 }) => widerAt >= sampledRows)
}

function firstDifference(
  found: TextRows,
  expected: TextRows,
  columns: TestTable['columns'],
): string | undefined {
  if (found.length !== expected.length) return `${found.length} rows, not ${expected.length}`
  for (const [row, cells] of expected.entries()) {
    for (const [at, { kind, name }] of columns.entries()) {
      const [left, right] = [found[row]?.[at] ?? null, cells[at] ?? null]
      if (plain(left, kind) === plain(right, kind)) continue
      return `row ${row + 1}, ${name}: ${JSON.stringify(left)}, not ${JSON.stringify(right)}`
    }
  }
  return undefined
}

/** What is wrong with the answer for a damaged file; undefined: nothing. */
async function faultOf(
  bench: Bench,
  file: WrittenFile,
  whole: Answer,
  edits: readonly Edit[],
): Promise<string | undefined> {
  const bytes = edited(file.bytes, edits)
  const answer = await readBytes(bench, file, bytes, false)
  if (answer.kind !== 'rows') {
    const isRefused = answer.kind === 'error' && stateClasses.has(answer.sqlState.slice(0, 2))
    if (!isRefused) return describe(answer)
    bench.tally.refused++
    const { refusals } = bench.tally
    refusals.set(answer.sqlState, (refusals.get(answer.sqlState) ?? 0) + 1)
    return undefined
  }
  bench.tally.rows++
  const isWhole = whole.kind === 'rows' && answer.digest === whole.digest
  if (file.isChecked && !isWhole) return 'damage behind a checksum is read'
  const isDescribed =
    bytes.length === file.bytes.length &&
    edits.every((edit) => edit.kind === 'write' && edit.at + edit.bytes.length <= file.bodyBytes)
  if (isDescribed && whole.kind === 'rows' && answer.count !== whole.count) {
    return `${answer.count} rows, though the description says ${whole.count}`
  }
  return undefined
}

function describe(answer: Answer): string {
  switch (answer.kind) {
    case 'error':
      return `${answer.sqlState} ${answer.text}`
    case 'fault':
      return `${answer.what}: ${answer.text}`
    case 'rows':
    case 'ready':
      return answer.kind
  }
}

function readBytes(
  { child, folder }: Bench,
  { extension }: WrittenFile,
  bytes: Uint8Array,
  withRows: boolean,
): Promise<Answer> {
  const path = join(folder, `fuzzed.${extension}`)
  writeFileSync(path, bytes)
  return child.ask({ path, withRows })
}

/** The first words of a fault: two of one kind are one finding. */
function kindOf(fault: string): string {
  return fault.replaceAll(/\d+|"[^"]*"/g, '#').slice(0, 120)
}

/** As few changes as give the same fault. */
async function shrink(
  bench: Bench,
  file: WrittenFile,
  whole: Answer,
  edits: readonly Edit[],
  fault: string,
): Promise<readonly Edit[]> {
  let smallest = edits
  for (let at = smallest.length - 1; at >= 0; at--) {
    const fewer = smallest.toSpliced(at, 1)
    const same = fewer.length > 0 ? await faultOf(bench, file, whole, fewer) : undefined
    if (same !== undefined && kindOf(same) === kindOf(fault)) smallest = fewer
  }
  return smallest
}

function tell(
  { folder, known }: Bench,
  seed: number,
  { extension }: WrittenFile,
  bytes: Uint8Array,
  fault: string,
): void {
  const kind = kindOf(`${extension} ${fault}`)
  if (known.has(kind)) return
  known.add(kind)
  const path = join(folder, `finding-${known.size}.${extension}`)
  writeFileSync(path, bytes)
  console.log(`\nseed ${seed}: ${fault.slice(0, 2_000)}\n  ${path} (${bytes.length} bytes)`)
}
