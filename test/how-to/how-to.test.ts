import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

/**
 * Each worked example, the files that it may touch, the file that only declares what is new, and the one that
 * does not compile then. What is an entry and no more declares nothing.
 */
const examples: readonly (readonly [string, number, string | undefined, string | undefined])[] = [
  ['statement', 5, 'src/sql/ast/statement.ts', 'src/engine/statements/table.ts'],
  ['operator', 7, 'src/plan/physical/plan.ts', 'src/plan/physical/operators/table.ts'],
  ['window', 3, undefined, undefined],
]

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

describe.each(examples)('docs/how-to/%s.patch', (name, filesMax, declares, missing) => {
  const patch = `docs/how-to/${name}.patch`
  const text = readFileSync(join(root, patch), 'utf8')
  const files = [...text.matchAll(/^\+\+\+ b\/(.*)$/gm)].map(([, file]) => file ?? '')

  test(`touches ${filesMax} files at most`, () => {
    expect(files.length).toBeGreaterThan(0)
    expect(files.length).toBeLessThanOrEqual(filesMax)
  })

  test('its page names each of them', () => {
    const page = readFileSync(join(root, `docs/how-to/${name}.md`), 'utf8')
    expect(files.filter((file) => !page.includes(file))).toEqual([])
  })

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
        for (const file of files.filter((path) => path.endsWith('.slt'))) {
          expect(run(folder, process.execPath, ['scripts/slt.mjs', file])).toMatch(
            / passed, 0 failed/,
          )
        }
      })
    },
  )
})
