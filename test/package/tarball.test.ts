import { spawnSync } from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

let folder = ''

function run(command: string, args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', cwd: folder })
  expect(status, stdout + stderr).toBe(0)
  return stdout
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'heddle-package-'))
  const packed = run('npm', ['pack', '--silent', '--ignore-scripts', resolve('.')]).trim()
  run('tar', ['xzf', packed.split('\n').at(-1) ?? ''])
  const modules = join(folder, 'node_modules')
  mkdirSync(modules)
  cpSync(join(folder, 'package'), join(modules, 'heddle'), { recursive: true })
  for (const name of readdirSync('node_modules')) {
    if (!name.startsWith('.') && name !== 'heddle' && name !== 'vega-datasets') {
      symlinkSync(resolve('node_modules', name), join(modules, name))
    }
  }
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('an installed package answers queries', () => {
  writeFileSync(
    join(folder, 'use.mjs'),
    `import { connect } from 'heddle'
const db = await connect({ threads: 1 })
console.log((await db.query('select 6 * 7 as answer')).rows()[0].answer)
await db.close()`,
  )
  expect(run(process.execPath, ['use.mjs']).trim()).toBe('42')
})

test('its command runs, and the package holds no tools or tests', () => {
  const installed = join(folder, 'node_modules/heddle')
  const shown = run(process.execPath, [
    join(installed, 'dist/bundle/main.js'),
    'sql',
    'select 1 as x',
  ])
  expect(shown).toContain('(1 row)')
  expect(readdirSync(join(installed, 'dist'))).not.toContain('tools')
})

test('functions have their names without a property defined whenever one is made', () => {
  const bundle = join(folder, 'node_modules/heddle/dist/bundle')
  const texts = readdirSync(bundle)
    .filter((name) => name.endsWith('.js'))
    .map((name) => readFileSync(join(bundle, name), 'utf8'))
  const definesName = /"name",\s*\{value:\s*\w+,\s*configurable/
  expect(texts.filter((text) => definesName.test(text))).toEqual([])
  expect(texts.some((text) => /\bclass QueryError\b|QueryError\s*=\s*class/.test(text))).toBe(true)
})
