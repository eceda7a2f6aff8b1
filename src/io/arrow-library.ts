import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import type * as Arrow from 'apache-arrow'
import { provideArrow } from '../data/arrow/library.ts'

/**
 * Makes the Arrow library available: where Node can load modules synchronously only when it is first used,
 * elsewhere (older Node, an application's bundle) at once. It is the same instance that `import` gives, so
 * that tables may be handed to and fro.
 */
export async function readyArrow(): Promise<void> {
  const path = installedModule()
  if (path !== undefined) {
    provideArrow(() => createRequire(path)(path) as typeof Arrow)
    return
  }
  const library = await import('apache-arrow')
  provideArrow(() => library)
}

/** Where `import` would find the library, if it can be required from there. */
function installedModule(): string | undefined {
  const features: object = process.features
  if (!('require_module' in features) || features.require_module !== true) return undefined
  try {
    return fileURLToPath(import.meta.resolve('apache-arrow'))
  } catch {
    return undefined
  }
}
