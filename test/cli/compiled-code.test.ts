import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import * as nodeModule from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const keepsCode = 'enableCompileCache' in nodeModule

function version(env: Readonly<Record<string, string>>): string {
  return execFileSync(process.execPath, ['dist/cli/main.js', '--version'], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], ...env },
  })
}

test('compiled code is kept in the folder for caches, where Node can keep it', () => {
  const caches = mkdtempSync(join(tmpdir(), 'heddle-caches-'))
  expect(version({ XDG_CACHE_HOME: caches })).toMatch(/^heddle \d/)
  expect(existsSync(join(caches, 'heddle'))).toBe(keepsCode)
  rmSync(caches, { recursive: true })
})

test('commands run where nothing can be kept', () => {
  const folder = mkdtempSync(join(tmpdir(), 'heddle-caches-'))
  const file = join(folder, 'no-folder')
  writeFileSync(file, '')
  expect(version({ XDG_CACHE_HOME: file })).toMatch(/^heddle \d/)
  expect(version({ HOME: file })).toMatch(/^heddle \d/)
  rmSync(folder, { recursive: true })
})
