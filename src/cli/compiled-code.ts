import * as nodeModule from 'node:module'
import { homedir } from 'node:os'
import { join } from 'node:path'

/**
 * Lets Node (22 on) keep the compiled code of what is loaded from here on, in the user's own cache: the
 * usual place is a folder for temporary files, into which other users of the machine may put code. A command
 * starts a third sooner then. NODE_COMPILE_CACHE and NODE_DISABLE_COMPILE_CACHE go before; where nothing
 * can be written, nothing is kept.
 */
export function keepCompiledCode(env: Readonly<Record<string, string | undefined>>): void {
  const enable: unknown = Reflect.get(nodeModule, 'enableCompileCache')
  if (typeof enable !== 'function') return
  const folder = cacheFolder(env)
  if (folder !== undefined) enable(folder)
}

function cacheFolder(env: Readonly<Record<string, string | undefined>>): string | undefined {
  const caches = env['XDG_CACHE_HOME']
  if (caches !== undefined && caches !== '') return join(caches, 'heddle')
  try {
    return join(homedir(), '.cache', 'heddle')
  } catch {
    // A user without a home, as in some containers.
    return undefined
  }
}
