import { readFileSync } from 'node:fs'
import * as nodeModule from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { builtFile } from '../../base/built-file.ts'
import { cacheFolder } from './cache-folder.ts'
import { canKeep, keptScript } from './kept-code.ts'

/** Modules that the program and whoever loads it must have in common, by the names that it asks for. */
export interface SharedModules {
  readonly 'heddle:errors': object
  readonly 'heddle:expression': object
  readonly 'heddle:aggregate': object
  readonly 'heddle:window': object
}

/** What the program's text is: a function that fills `module.exports`. */
type ProgramFunction = (
  exports: object,
  require: (name: string) => unknown,
  module: { exports: object },
  url: string,
) => void

/** By name, as bundlers of applications would try to follow a call that they recognize. */
const createRequire = Reflect.get(nodeModule, 'createRequire') as typeof nodeModule.createRequire

/** The text begins with a comment that has its digest. */
const digestPattern = /^\/\/ ([0-9a-f]{32})\n/

let loaded: object | undefined

/**
 * The engine as one script, whose compiled code is kept from process to process: loading modules has no
 * way to that on Node 20, and on later ones only for all modules of the process. Undefined where it
 * has to be loaded as modules: in a checkout, an application's bundle, on a Node that cannot require
 * modules, or where nothing can be kept or shall not be (NODE_DISABLE_COMPILE_CACHE). With `onlyKept`
 * also where no process before has kept code. `here` is the `import.meta.url` of a module beside it.
 */
export function keptProgram(
  here: string | undefined,
  { shared, onlyKept }: { readonly shared: SharedModules; readonly onlyKept: boolean },
): object | undefined {
  if (loaded !== undefined) return loaded
  const url = builtFile('program.cjs', here)
  const caches = cacheFolder(process.env)
  if (url === undefined || caches === undefined || !isWanted()) return undefined
  const path = fileURLToPath(url)
  const text = textOf(path)
  const digest = text === undefined ? undefined : digestPattern.exec(text)?.[1]
  const folder = join(caches, 'code')
  if (text === undefined || digest === undefined || !canKeep(folder)) return undefined
  const { script, isKept, keep } = keptScript(text, path, { digest, folder })
  if (onlyKept && !isKept) return undefined
  const run = script.runInThisContext() as ProgramFunction
  // In a context of its own, as some test runners make, other arrays would come out than users know.
  if (Object.getPrototypeOf(run) !== Function.prototype) return undefined
  const module = { exports: {} }
  const require = createRequire(url)
  const common = new Map<string, unknown>(Object.entries(shared))
  const provide = (name: string): unknown => common.get(name) ?? require(name)
  run(module.exports, provide, module, url.href)
  if (!onlyKept) process.once('exit', (code) => code === 0 && keep())
  loaded = module.exports
  return loaded
}

/** Coverage needs functions that it saw compiled. */
function isWanted(): boolean {
  const { env, features } = process
  const requires = Reflect.get(features, 'require_module') === true
  return requires && !env['NODE_DISABLE_COMPILE_CACHE'] && !env['NODE_V8_COVERAGE']
}

/** The text, all of it ASCII; undefined where there is none. */
function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return undefined
  }
}
