// Bundles dist/ into what the package ships: a few files load in a fraction of the time of many.
import { build } from 'esbuild'
import { readFileSync, copyFileSync, mkdirSync, rmSync } from 'node:fs'
import { builtinModules } from 'node:module'

const outdir = 'dist/bundle'

/** Users hand Arrow tables in and get them out: theirs and ours must be of the same library. */
const external = ['apache-arrow']

/** Entries keep their names: threads and workers are found beside the file that starts them. */
const entryPoints = {
  index: 'dist/index.js',
  'thread-main': 'dist/cluster/threads/thread-main.js',
  'worker-main': 'dist/cluster/worker-main.js',
  main: 'dist/cli/main.js',
}

const common = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  minify: true,
  keepNames: true,
  logLevel: 'warning',
  legalComments: 'none',
  // Native add-ons that libraries would use if they were there: nothing native is.
  alias: { 'msgpackr-extract': './scripts/absent.cjs' },
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

rmSync(outdir, { recursive: true, force: true })
mkdirSync(outdir, { recursive: true })
const kernels = 'dist/wasm/kernels/kernels.wasm'
const parts = { kernels: readFileSync(kernels, 'base64'), thread: await threadSource() }
await build({
  ...common,
  entryPoints,
  outdir,
  external,
  splitting: true,
  format: 'esm',
  plugins: [builtins, inlinedParts(parts)],
})
copyFileSync(kernels, `${outdir}/kernels.wasm`)
