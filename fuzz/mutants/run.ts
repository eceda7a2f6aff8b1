import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { FuzzOptions } from '../fuzzer.ts'
import { MUTANT_SECONDS, mutants, type Mutant } from './list.ts'

/** What a fuzzer may take longer than it was told, as it finishes what it has begun. */
const PATIENCE_SECONDS = 60
const SHOWN_LINES_MAX = 1
const SHOWN_CHARACTERS_MAX = 160

const parts = [
  'package.json',
  'tsconfig.json',
  'tsconfig.tools.json',
  'scripts',
  'src',
  'bench',
  'fuzz',
  'soak',
  'examples',
  'sqllogictest/runner',
  'dist/wasm',
]

/**
 * Puts each fault of the list into a copy of this checkout, alone, and lets its fuzzer look for it.
 * Gives how many were not found. `seconds` bounds nothing here: each has {@link MUTANT_SECONDS}.
 */
export async function run({ seed, rest }: FuzzOptions): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'heddle-mutants-'))
  const wanted = rest.find((option) => option.startsWith('--only='))?.slice('--only='.length)
  try {
    for (const part of parts) {
      const filter = (path: string): boolean => !path.includes('bench/data')
      cpSync(resolve(part), join(folder, part), { recursive: true, filter })
    }
    symlinkSync(resolve('node_modules'), join(folder, 'node_modules'))
    let missed = 0
    for (const mutant of mutants) {
      if (wanted !== undefined && !mutant.name.includes(wanted)) continue
      if (!hunt(folder, mutant, seed)) missed++
    }
    return missed
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function hunt(folder: string, mutant: Mutant, seed: number): boolean {
  const path = join(folder, mutant.file)
  const text = readFileSync(path, 'utf8')
  writeFileSync(
    path,
    text.replace(mutant.find, () => mutant.replace),
  )
  try {
    const built = spawnSync('node', ['scripts/build.mjs'], { cwd: folder, encoding: 'utf8' })
    if (built.status !== 0) {
      console.log(`DOES NOT BUILD: ${mutant.name}\n${built.stdout}`)
      return false
    }
    const started = performance.now()
    const options = ['--seconds', String(MUTANT_SECONDS), '--seed', String(seed)]
    // PostgreSQL alone finds them, and sooner than with our own other configurations.
    if (mutant.fuzzer === 'sql' && mutant.withVariants !== true) options.push('--no-variants')
    const main = ['dist/tools/fuzz/main.js', mutant.fuzzer, ...options, '--first', '--unshrunk']
    const { stdout } = spawnSync('node', main, {
      cwd: folder,
      encoding: 'utf8',
      timeout: (MUTANT_SECONDS + PATIENCE_SECONDS) * 1000,
      killSignal: 'SIGKILL',
    })
    const seconds = ((performance.now() - started) / 1000).toFixed(0)
    // A fuzzer that dies has found nothing, whatever its exit status.
    const isFound = /^[1-9]\d* found$/m.test(stdout)
    console.log(`${isFound ? 'found' : 'MISSED'} (${seconds} s, ${mutant.fuzzer}): ${mutant.name}`)
    const said = stdout.split('\n').filter((line) => line !== '')
    for (const line of said.slice(1, 1 + SHOWN_LINES_MAX)) {
      console.log(`    ${line.slice(0, SHOWN_CHARACTERS_MAX)}`)
    }
    return isFound
  } finally {
    writeFileSync(path, text)
  }
}
