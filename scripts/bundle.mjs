// Bundles dist/ into what the package ships: a few files load in a fraction of the time of many.
import { build } from 'esbuild'
import { createHash } from 'node:crypto'
import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { brotliCompressSync } from 'node:zlib'

const outdir = 'dist/bundle'
const types = 'dist/types'

/** Users hand Arrow tables in and get them out: theirs and ours must be of the same library. */
const external = ['apache-arrow']

/** Entries keep their names: threads and workers are found beside the file that starts them. */
const entryPoints = {
  index: 'dist/index.js',
  'thread-main': 'dist/cluster/threads/thread-main.js',
  'worker-main': 'dist/cluster/worker-main.js',
  'function-thread-main': 'dist/cluster/user-functions/function-thread-main.js',
  main: 'dist/cli/main.js',
}

const common = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  // Names stay as they are, for stack traces. `keepNames` beside short ones is no way to that: it
  // defines a property of each function whenever one is made, a fifth of a small query's time.
  minifyWhitespace: true,
  minifySyntax: true,
  // Node prints the line that an error was thrown at where nobody catches it.
  lineLimit: 160,
  logLevel: 'warning',
  legalComments: 'none',
  // The library's form for everywhere: that for Node looks for a native add-on.
  alias: { msgpackr: './node_modules/msgpackr/index.js' },
}

/** CommonJS libraries ask for Node's own modules by `require`, which modules do not have. */
const builtins = {
  name: 'builtins',
  setup(build) {
    const names = new Set(builtinModules)
    build.onResolve({ filter: /^[a-z_/0-9]+$/ }, ({ path, kind }) =>
      kind === 'require-call' && names.has(path) ? { path, namespace: 'builtin' } : undefined,
    )
    // In two steps, as only a module can import them and only CommonJS can be what it requires.
    build.onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => ({
      contents: `module.exports = require('builtin-module:${path}').default`,
    }))
    build.onResolve({ filter: /^builtin-module:/ }, ({ path }) => ({
      path: path.slice('builtin-module:'.length),
      namespace: 'builtin-module',
    }))
    build.onLoad({ filter: /.*/, namespace: 'builtin-module' }, ({ path }) => ({
      contents: `export { default } from 'node:${path}'`,
    }))
  },
}

/** The program of threads in one text, for applications that bundle the package. */
async function threadSource() {
  const { outputFiles } = await build({
    ...common,
    entryPoints: [entryPoints['thread-main']],
    format: 'cjs',
    write: false,
    define: { 'import.meta.url': 'undefined' },
  })
  return outputFiles[0].text
}

/** Modules of which a process has one, whichever way it loads the engine; see `engine/connect.ts`. */
const sharedModules = new Map([
  ['/base/errors.js', 'heddle:errors'],
  ['/collections/dataframe/expression.js', 'heddle:expression'],
  ['/collections/dataframe/aggregate.js', 'heddle:aggregate'],
  ['/collections/dataframe/window.js', 'heddle:window'],
])

const shared = {
  name: 'shared',
  setup(build) {
    build.onResolve(
      { filter: /(?:errors|expression|aggregate|window)\.js$/ },
      ({ path, resolveDir }) => {
        const file = join(resolveDir, path)
        const found = [...sharedModules].find(([ending]) => file.endsWith(`dist${ending}`))
        return found && { path: found[1], external: true }
      },
    )
    // An engine with worker processes is loaded as modules.
    build.onResolve({ filter: /(?:local-cluster|\/client)\.js$/ }, ({ path, kind }) =>
      kind === 'dynamic-import' ? { path, external: true } : undefined,
    )
  },
}

/** The engine and its threads as one script, whose compiled code can be kept; see `kept-program.ts`. */
async function programText() {
  const contents = `export { connect } from './dist/engine/database.js'
export { runThread } from './dist/cluster/threads/thread-program.js'`
  const { outputFiles } = await build({
    ...common,
    stdin: { contents, resolveDir: '.' },
    format: 'cjs',
    charset: 'ascii',
    write: false,
    external,
    plugins: [packedCatalogs, shared],
    define: { 'import.meta.url': 'programUrl' },
    // A script cannot import.
    supported: { 'dynamic-import': false },
  })
  const text = `(function(exports,require,module,programUrl){"use strict";${outputFiles[0].text}\n})\n`
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 32)
  return `// ${digest}\n${text}`
}

/**
 * What PostgreSQL has in its catalogs is a megabyte of text that few processes look at: packed, it does not hold up those that
 * begin.
 */
const packedCatalogs = {
  name: 'packed-catalogs',
  setup(build) {
    build.onLoad({ filter: /\/system-catalog\/postgres-(?:rows|views)\.js$/ }, async ({ path }) => {
      const [[name, values]] = Object.entries(await import(pathToFileURL(path)))
      const packed = brotliCompressSync(JSON.stringify(values())).toString('base64')
      const contents = `import { Buffer } from 'node:buffer'
import { brotliDecompressSync } from 'node:zlib'
let values
const packed = '${packed}'
export const ${name} = () =>
  (values ??= JSON.parse(brotliDecompressSync(Buffer.from(packed, 'base64')).toString()))`
      return { contents }
    })
  },
}

/** Puts the values where the checkout has none. */
function inlinedParts(parts) {
  return {
    name: 'inlined-parts',
    setup(build) {
      build.onLoad({ filter: /\/inlined-parts\.js$/ }, () => ({
        contents: `export const inlinedParts = ${JSON.stringify(parts)}`,
      }))
    },
  }
}

/** Copies the declarations that the package's own need, with the imports as built files name them. */
function copyDeclarations() {
  const waiting = ['index.d.ts']
  for (const name of waiting) {
    const text = readFileSync(join('dist', name), 'utf8').replaceAll(
      /((?:from |import\()['"])(\.[^'"]+?)\.[tj]s(?=['"])/g,
      (_, before, path) => {
        const imported = join(dirname(name), `${path}.d.ts`)
        if (!waiting.includes(imported)) waiting.push(imported)
        return `${before}${path}.js`
      },
    )
    mkdirSync(dirname(join(types, name)), { recursive: true })
    writeFileSync(join(types, name), text)
  }
}

/** The licenses of the libraries whose code is in the bundle. */
function licenses({ inputs }) {
  const names = Object.keys(inputs).map(
    (path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1],
  )
  const libraries = [...new Set(names.filter((name) => name !== undefined))].toSorted()
  return libraries
    .map((name) => {
      const folder = join('node_modules', name)
      const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry))
      const { version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
      const text = file === undefined ? '' : readFileSync(join(folder, file), 'utf8')
      return `${name} ${version} (${license})\n\n${text}`
    })
    .join('\n\n')
}

for (const folder of [outdir, types]) rmSync(folder, { recursive: true, force: true })
mkdirSync(outdir, { recursive: true })
const kernels = 'dist/wasm/kernels/kernels.wasm'
const parts = { kernels: readFileSync(kernels, 'base64'), thread: await threadSource() }
const { metafile } = await build({
  ...common,
  entryPoints,
  metafile: true,
  outdir,
  external,
  splitting: true,
  format: 'esm',
  plugins: [packedCatalogs, builtins, inlinedParts(parts)],
})
writeFileSync(`${outdir}/program.cjs`, await programText())
copyFileSync(kernels, `${outdir}/kernels.wasm`)
writeFileSync(`${outdir}/LICENSES.txt`, licenses(metafile))
copyDeclarations()
