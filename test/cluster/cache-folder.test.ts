import { homedir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { cacheFolder } from '../../src/cluster/host/cache-folder.ts'

const usual = join(homedir(), '.cache', 'heddle')

test.each<[string, Record<string, string>, string]>([
  ['nothing said', {}, usual],
  ['said', { XDG_CACHE_HOME: '/var/caches' }, '/var/caches/heddle'],
  ['said to be nothing', { XDG_CACHE_HOME: '' }, usual],
  ['relative to anywhere', { XDG_CACHE_HOME: 'caches' }, usual],
])('the folder for caches, %s', (_, env, expected) => {
  expect(cacheFolder(env)).toBe(expected)
})
