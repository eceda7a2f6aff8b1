// Adds to package-lock.json the optional packages of other platforms that a registry mirror did not
// list, so that `npm ci` works everywhere. Run it after a change of dependencies.
import { readFileSync, writeFileSync } from 'node:fs'

const systems = {
  android: 'android',
  darwin: 'darwin',
  freebsd: 'freebsd',
  linux: 'linux',
  openharmony: 'openharmony',
  win32: 'win32',
}
const processors = ['arm', 'arm64', 'ia32', 'loong64', 'ppc64', 'riscv64', 's390x', 'wasm32', 'x64']

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'))
const { packages } = lock

/** What a platform package's name tells of where it is to be installed. */
function platformOf(name) {
  const parts = name.split('/').at(-1).split(/[-.]/)
  const os = parts.map((part) => systems[part]).find((system) => system !== undefined)
  const cpu = processors.find((processor) => parts.includes(processor))
  const libc = name.includes('musl') ? 'musl' : name.includes('gnu') ? 'glibc' : undefined
  return {
    ...(cpu === undefined ? {} : { cpu: [cpu] }),
    ...(libc === undefined || os !== 'linux' ? {} : { libc: [libc] }),
    ...(os === undefined ? {} : { os: [os] }),
  }
}

for (const [path, { optionalDependencies = {}, dev }] of Object.entries(packages)) {
  for (const [name, range] of Object.entries(optionalDependencies)) {
    const at = `node_modules/${name}`
    if (at in packages || `${path}/${at}` in packages) continue
    const version = range.replace(/^[\^~]/, '')
    packages[at] = {
      version,
      ...platformOf(name),
      ...(dev === true ? { dev } : {}),
      optional: true,
    }
  }
}

const sorted = Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : 1))
lock.packages = Object.fromEntries(sorted)
writeFileSync('package-lock.json', `${JSON.stringify(lock, undefined, 2)}\n`)
