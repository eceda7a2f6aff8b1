// Builds dist/: the AssemblyScript kernels when they changed, the TypeScript sources with tsc, of these
// the package's bundle, and last the tools, which use both.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
process.chdir(root)

const assembly = 'src/wasm/kernels/assembly'
const target = 'dist/wasm/kernels'

const ascOptions = [
  '-O3',
  '--noAssert',
  '--runtime=stub',
  '--importMemory',
  '--sharedMemory',
  '--initialMemory=1',
  '--maximumMemory=65536',
  '--memoryBase=1024',
  '--enable=simd',
  '--enable=threads',
  '--enable=bulk-memory',
  '--disable=mutable-globals',
  // Addresses have 32 bits here and are mixed freely with lengths.
  '--disableWarning=201',
]

function kernelDigest() {
  const hash = createHash('sha256').update(ascOptions.join(' '))
  const files = readdirSync(assembly, { recursive: true }).filter((file) => file.endsWith('.ts'))
  for (const file of files.toSorted()) {
    hash.update(file).update(readFileSync(join(assembly, file)))
  }
  return hash.digest('hex')
}

function run(command, args) {
  execFileSync(process.execPath, [`node_modules/${command}`, ...args], { stdio: 'inherit' })
}

function buildKernels() {
  const digest = kernelDigest()
  const stamp = join(target, 'kernels.digest')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return
  mkdirSync(target, { recursive: true })
  const output = join(target, 'kernels.wasm')
  run('assemblyscript/bin/asc.js', [join(assembly, 'index.ts'), '-o', output, ...ascOptions])
  writeFileSync(stamp, digest)
}

buildKernels()
run('typescript/bin/tsc', [])
execFileSync(process.execPath, ['scripts/bundle.mjs'], { stdio: 'inherit' })
run('typescript/bin/tsc', ['-p', 'tsconfig.tools.json'])
for (const main of ['dist/cli/main.js', 'dist/bundle/main.js']) chmodSync(main, 0o755)
