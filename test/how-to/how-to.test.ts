import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { byLot } from '../by-lot.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/**
 * Each worked example, the files that it may touch, the file that only declares what is new, and the one that
 * does not compile then. What is an entry and no more declares nothing.
 */
const examples: readonly (readonly [string, number, string | undefined, string | undefined])[] = [
  ['statement', 5, 'src/sql/ast/statement.ts', 'src/engine/statements/table.ts'],
  ['type', 8, 'src/data/types/data-type.ts', 'src/data/types/catalogue.ts'],
  ['operator', 7, 'src/plan/physical/plan.ts', 'src/plan/physical/operators/table.ts'],
  ['breaker', 9, 'src/compile/model/pipeline.ts', 'src/compile/shape/sinks.ts'],
  ['window', 3, undefined, undefined],
]

/** Examples of entries that nothing waits for: built and run together. */
const entries = [
  ['function', 3],
  ['aggregate', 3],
  ['table-function', 4],
  ['rule', 3],
] as const

const left: ReadonlySet<string> = new Set(['node_modules', '.git'])

/** A copy of the tree, for as long as `act` takes. */
function inCopy(act: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'heddle-how-to-'))
  try {
    cpSync(root, folder, { recursive: true, filter: (path) => !left.has(basename(path)) })
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
    act(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** What a program prints, whether it succeeds or not. */
function run(folder: string, program: string, args: readonly string[]): string {
  try {
    return execFileSync(program, args, { cwd: folder, encoding: 'utf8', stdio: 'pipe' })
  } catch (error) {
    const { stdout, stderr } = error as { readonly stdout: string; readonly stderr: string }
    return `failed: ${stdout}${stderr}`
  }
}

function patchOf(name: string): string {
  return `docs/how-to/${name}.patch`
}

/** The files that a patch touches. */
function filesOf(name: string): readonly string[] {
  const text = readFileSync(join(root, patchOf(name)), 'utf8')
  return [...text.matchAll(/^\+\+\+ b\/(.*)$/gm)].map(([, file]) => file ?? '')
}

function runRecords(folder: string, files: readonly string[]): void {
  for (const file of files.filter((path) => path.endsWith('.slt'))) {
    expect(run(folder, process.execPath, ['scripts/slt.mjs', file])).toMatch(/ passed, 0 failed/)
  }
}

describe.each([...examples.map(([name, filesMax]) => [name, filesMax] as const), ...entries])(
  'docs/how-to/%s.md',
  (name, filesMax) => {
    test(`its patch touches ${filesMax} files at most, and it names each of them`, () => {
      const files = filesOf(name)
      const page = readFileSync(join(root, `docs/how-to/${name}.md`), 'utf8')
      // Files that are generated stand in the page alone.
      const named = [...page.matchAll(/^\| `([^`]+\.\w+)` \|/gm)].map(([, file]) => file ?? '')
      expect(files.length).toBeGreaterThan(0)
      expect(named.length).toBeLessThanOrEqual(filesMax)
      expect(files.filter((file) => !named.includes(file))).toEqual([])
    })
  },
)

const names = [...examples.map(([name]) => name), ...entries.map(([name]) => name)]

test.each(names)('docs/how-to/%s.patch applies', (name) => {
  expect(run(root, 'git', ['apply', '--check', patchOf(name)])).toBe('')
})

test('entries are built together and run', { timeout: 600_000 }, () => {
  inCopy((folder) => {
    for (const [name] of entries) expect(run(folder, 'git', ['apply', patchOf(name)])).toBe('')
    expect(run(folder, process.execPath, ['scripts/build.mjs'])).not.toMatch(/^failed/)
    for (const [name] of entries) runRecords(folder, filesOf(name))
    const vitest = ['node_modules/vitest/vitest.mjs', 'run', 'test/plan/optimizer/rules']
    expect(run(folder, process.execPath, vitest)).not.toMatch(/^failed/)
  })
})

describe.each(byLot(examples, 2))('docs/how-to/%s.patch', (name, _, declares, missing) => {
  const patch = patchOf(name)

  test(
    'a half of it does not compile, the whole of it is built and runs',
    { timeout: 300_000 },
    () => {
      inCopy((folder) => {
        const tsc = ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json', '--noEmit']
        if (declares !== undefined) {
          expect(run(folder, 'git', ['apply', `--include=${declares}`, patch])).toBe('')
          expect(run(folder, process.execPath, tsc)).toContain(missing)
        }
        expect(run(folder, 'git', ['apply', `--exclude=${declares ?? 'none'}`, patch])).toBe('')
        expect(run(folder, process.execPath, ['scripts/build.mjs'])).not.toMatch(/^failed/)
        runRecords(folder, filesOf(name))
      })
    },
  )
})
