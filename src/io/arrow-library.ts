import { existsSync } from 'node:fs'
import * as nodeModule from 'node:module'
import type * as Arrow from 'apache-arrow'
import { provideArrow } from '../data/arrow/library.ts'

/** By name, as bundlers of applications would try to follow a call that they recognize. */
const createRequire = Reflect.get(nodeModule, 'createRequire') as typeof nodeModule.createRequire

/**
 * Makes the Arrow library available: where Node can load modules synchronously only when it is first used,
 * elsewhere (older Node, an application's bundle) at once. It is the same instance that `import` gives, so
 * that tables may be handed to and fro.
 */
export async function readyArrow(): Promise<void> {
  const path = installedModule(import.meta.url)
  if (path !== undefined) {
    provideArrow(() => createRequire(path)(path) as typeof Arrow)
    return
  }
  const library = await import('apache-arrow')
  provideArrow(() => library)
}

/** The file that `import` would load, if it can be required; it lies beside the one for CommonJS. */
function installedModule(here: string | undefined): string | undefined {
  const features: object = process.features
  if (!('require_module' in features) || features.require_module !== true) return undefined
  if (here === undefined) return undefined
  try {
    const path = createRequire(here).resolve('apache-arrow').replace(/\.js$/, '.mjs')
    return existsSync(path) ? path : undefined
  } catch {
    return undefined
  }
}
