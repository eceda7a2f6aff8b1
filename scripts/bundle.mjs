// Bundles dist/ into what the package ships: few files load in a fraction of the time of many.
import { build } from 'esbuild'
import { copyFileSync, mkdirSync, rmSync } from 'node:fs'

const outdir = 'dist/bundle'

// Users hand Arrow tables in and get them out: theirs and ours must be the same library.
const external = ['apache-arrow']

/** Entries keep their names: threads, workers and kernels are found beside the file that asks for them. */
const entryPoints = {
  index: 'dist/index.js',
  'thread-main': 'dist/cluster/threads/thread-main.js',
  'worker-main': 'dist/cluster/worker-main.js',
  main: 'dist/cli/main.js',
  tour: 'dist/cli/tour/queries.js',
}

export async function bundle() {
  rmSync(outdir, { recursive: true, force: true })
  mkdirSync(outdir, { recursive: true })
  const result = await build({
    entryPoints,
    outdir,
    external,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    minify: true,
    keepNames: true,
    metafile: true,
    logLevel: 'warning',
    legalComments: 'none',
    // Of the libraries bundled here some are CommonJS and ask for Node's modules by require.
    banner: {
      js: "import{createRequire as $require}from'node:module';const require=$require(import.meta.url);",
    },
  })
  copyFileSync('dist/wasm/kernels/kernels.wasm', `${outdir}/kernels.wasm`)
  return result.metafile
}
