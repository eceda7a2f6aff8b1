import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { InstalledProject } from './installed.ts'

const versions = {
  esbuild: '0.28.2',
  webpack: '5.113.0',
  'webpack-cli': '7.3.1',
  typescript: '7.0.2',
  '@types/node': '20.19.43',
  next: '16.4.6',
  react: '19.3.1',
  'react-dom': '19.3.1',
}

/** A program that needs kernels, threads (more rows than one thread does alone) and Arrow. */
const program = `import { connect } from 'heddle'
const db = await connect({ threads: 2 })
await db.query('create table d as select * from (values (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) v(n)')
await db.query('create table t as select a.n + b.n * 10 + c.n * 100 + d.n * 1000 + e.n * 10000 as k from d a, d b, d c, d, d e')
const result = await db.query('select count(*)::int as n, sum(k)::text as total from t where upper(k::text) <> \\'x\\'')
console.log(JSON.stringify(result.rows()), result.toArrow().numRows)
`
const answer = '[{"n":100000,"total":"4999950000"}] 1'

let project: InstalledProject

beforeAll(() => {
  project = new InstalledProject(Object.entries(versions).map(([name, v]) => `${name}@${v}`))
  project.write('program.mjs', program)
})

afterAll(() => project.remove())

/** Runs a built file where nothing of the package lies near, as it is deployed. */
function runAlone(files: readonly string[], main: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'heddle-deployed-'))
  for (const file of files) copyFileSync(join(project.folder, file), join(folder, file))
  return project.run(process.execPath, [main], folder).trim()
}

test('a script that does not close its database ends', () => {
  expect(project.run(process.execPath, ['program.mjs']).trim()).toBe(answer)
})

test('nothing native and no source maps are installed with it', () => {
  const bundle = join(project.folder, 'node_modules/heddle/dist')
  const shipped = readdirSync(bundle, { recursive: true, encoding: 'utf8' })
  expect(shipped.filter((name) => /\.(?:node|map)$/.test(name))).toEqual([])
  const lock = readFileSync(join(project.folder, 'package-lock.json'), 'utf8')
  const { packages } = JSON.parse(lock) as {
    packages: Record<string, { dependencies?: Record<string, string> }>
  }
  expect(Object.keys(packages['node_modules/heddle']?.dependencies ?? {})).toEqual(['apache-arrow'])
  expect(Object.keys(packages).filter((name) => name.includes('msgpackr'))).toEqual([])
})

test('its command answers, and says what the tour needs', () => {
  expect(project.run('npx', ['heddle', 'sql', 'select 6 * 7 as answer'])).toContain('42')
  const { status, stderr } = spawnSync('npx', ['heddle', 'tour'], {
    cwd: project.folder,
    encoding: 'utf8',
  })
  expect(status).toBe(1)
  expect(stderr).toContain('npm install vega-datasets')
})

test('its types compile with skipLibCheck off', () => {
  project.write(
    'types.ts',
    `import { connect, type QueryResult } from 'heddle'
const db = await connect()
const result: QueryResult = await db.query('select 1')
console.log(result.rows(), result.toArrow().numRows)
await db.close()`,
  )
  const options = ['--strict', '--noEmit', '--skipLibCheck', 'false', '--module', 'nodenext']
  const libraries = ['--target', 'es2022', '--lib', 'es2023,dom', '--types', 'node']
  project.run('npx', ['tsc', ...options, ...libraries, 'types.ts'])
})

describe('esbuild', () => {
  test.each([
    ['modules', ['--format=esm', '--outfile=esbuild.mjs'], 'esbuild.mjs'],
    ['minified', ['--format=esm', '--minify', '--outfile=minified.mjs'], 'minified.mjs'],
  ])('%s', (_, options, file) => {
    project.run('npx', ['esbuild', 'program.mjs', '--bundle', '--platform=node', ...options])
    expect(runAlone([file], file)).toBe(answer)
  })

  test('CommonJS', () => {
    const wrapped = program.replace('import { connect } from', 'const { connect } = require(')
    const body = wrapped.replace("'heddle'\n", "'heddle')\n;(async () => {\n")
    project.write('program.cjs', `${body}})()`)
    project.run('npx', [
      'esbuild',
      'program.cjs',
      '--bundle',
      '--platform=node',
      '--format=cjs',
      '--outfile=esbuild.cjs',
    ])
    expect(runAlone(['esbuild.cjs'], 'esbuild.cjs')).toBe(answer)
  })
})

test('webpack', () => {
  project.write(
    'webpack.config.mjs',
    `export default { mode: 'production', target: 'node20', entry: './program.mjs',
  experiments: { outputModule: true },
  output: { path: import.meta.dirname, filename: 'webpack.mjs', chunkFormat: 'module', library: { type: 'module' } },
  optimization: { splitChunks: false }, performance: { hints: false } }`,
  )
  project.run('npx', ['webpack', '--config', 'webpack.config.mjs'])
  const built = readdirSync(project.folder).filter((name) =>
    /\.webpack\.mjs$|^webpack\.mjs$/.test(name),
  )
  expect(runAlone(built, 'webpack.mjs')).toBe(answer)
})

test('a route of Next.js on the server', () => {
  mkdirSync(join(project.folder, 'app/answer'), { recursive: true })
  const body = program
    .replace('console.log(JSON.stringify(result.rows()), result.toArrow().numRows)', '')
    .split('\n')
    .slice(1)
    .join('\n')
  project.write(
    'app/layout.js',
    'export default ({ children }) => <html><body>{children}</body></html>',
  )
  project.write('app/page.js', 'export default () => <p>home</p>')
  project.write(
    'app/answer/route.js',
    `import { connect } from 'heddle'
export const dynamic = 'force-static'
export async function GET() {
${body}
  return new Response(JSON.stringify(result.rows()) + ' ' + result.toArrow().numRows)
}`,
  )
  // A static route is answered by the server's code while building.
  project.run('npx', ['next', 'build'])
  const answered = readFileSync(join(project.folder, '.next/server/app/answer.body'), 'utf8')
  expect(answered.trim()).toBe(answer)
})
