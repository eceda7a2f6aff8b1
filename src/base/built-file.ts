/**
 * Where a built file lies that belongs beside a module: beside it in the package and in dist/, in
 * dist/ for a source (which tests run). Undefined where the module does not know its own place, as in
 * the CommonJS that some bundlers write. `here` is the module's `import.meta.url`.
 */
export function builtFile(name: string, here: string | undefined): URL | undefined {
  if (here === undefined || !here.startsWith('file:')) return undefined
  const beside = new URL(name, here).href
  if (!here.endsWith('.ts')) return new URL(beside)
  const at = beside.lastIndexOf('/src/')
  return new URL(`${beside.slice(0, at)}/dist/${beside.slice(at + '/src/'.length)}`)
}
