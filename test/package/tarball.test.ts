import { spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
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

function run(
  command: string,
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): string {
  const env = { ...process.env, ...variables }
  const { status, stdout, stderr } = spawnSync(command, args, {
    encoding: 'utf8',
    cwd: folder,
    env,
  })
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

/** Ends when a thread has begun to serve, and a query has run on it. */
const keptProgram = `import { syncBuiltinESMExports } from 'node:module'
import workers from 'node:worker_threads'
import { col, Column, connect, QueryError, sum } from 'heddle'
const awake = setInterval(() => {}, 1_000)
let told
const serves = new Promise((resolve) => (told = resolve))
workers.Worker = class extends workers.Worker {
  constructor(...given) {
    super(...given)
    this.on('message', ({ kind }) => kind === 'ready' && told('thread:'))
    this.on('error', (error) => told(String(error)))
  }
}
syncBuiltinESMExports()
const db = await connect({ threads: 2 })
const error = await db.query('select nothing').catch((thrown) => thrown)
await db.query('create table t as select 5 as x')
const frame = db.table('t').filter(col('x').gt(2)).select({ y: col('x').plus(1) })
const rows = (await frame.collect()).rows()
const started = await serves
await db.query('create table d as select * from (values (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) v(n)')
await db.query('create table u as select a.n as k from d a, d b, d c, d, d e')
const long = await db.query("select count(*)::int as n from u where md5(k::text) <> ''")
console.log(error instanceof QueryError, col('x') instanceof Column, rows[0].y, started, long.rows()[0].n)
clearInterval(awake)
await db.close()`

test('code that one process compiled serves the next, and classes are of one kind', () => {
  writeFileSync(join(folder, 'kept.mjs'), keptProgram)
  const caches = join(folder, 'caches')
  const code = join(caches, 'heddle/code')
  const written = (): readonly string[] => (existsSync(code) ? readdirSync(code) : [])
  const told = (variables: Readonly<Record<string, string>>): string =>
    run(process.execPath, ['kept.mjs'], { XDG_CACHE_HOME: caches, ...variables }).trim()
  expect(told({ NODE_DISABLE_COMPILE_CACHE: '1' })).toBe('true true 6 thread: 100000')
  expect(written()).toEqual([])
  expect(told({})).toBe('true true 6 thread: 100000')
  const canRequire = Reflect.get(process.features, 'require_module') === true
  expect(written().length).toBe(canRequire ? 1 : 0)
  expect(told({})).toBe('true true 6 thread: 100000')
  // Whoever finds damage compiles anew.
  for (const name of written()) writeFileSync(join(code, name), 'no code')
  expect(told({})).toBe('true true 6 thread: 100000')
})

/** Loads the package as some test runners do: in a context that has other arrays than the process. */
const contextProgram = `import { createRequire } from 'node:module'
import vm from 'node:vm'
import { build } from 'esbuild'
const entry = import.meta.resolve('heddle')
const { outputFiles } = await build({
  stdin: { contents: 'export * from "heddle"', resolveDir: '.' },
  bundle: true, write: false, platform: 'node', format: 'cjs', external: ['apache-arrow'],
  define: { 'import.meta.url': 'packageUrl' },
})
const context = vm.createContext({ told: console.log, process, performance, WebAssembly, SharedArrayBuffer,
  Atomics, URL, TextEncoder, TextDecoder, AbortController, AbortSignal, setTimeout, clearTimeout, setImmediate })
const module = { exports: {} }
const text = '(function (require, module, exports, packageUrl) {' + outputFiles[0].text + '})'
vm.runInContext(text, context)(createRequire(entry), module, module.exports, entry)
context.connect = module.exports.connect
await vm.runInContext(\`connect({ threads: 1 }).then(async (db) => {
  const rows = (await db.query('select 42 as answer')).rows()
  told(rows instanceof Array, rows[0].answer)
  await db.close()
})\`, context)`

test('in a context of its own it makes arrays of that context', () => {
  writeFileSync(join(folder, 'context.mjs'), contextProgram)
  const caches = { XDG_CACHE_HOME: join(folder, 'caches') }
  expect(run(process.execPath, ['context.mjs'], caches).trim()).toBe('true 42')
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
