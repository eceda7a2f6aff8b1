import { existsSync } from 'node:fs'
import * as nodeModule from 'node:module'
import type * as Arrow from 'apache-arrow'
import { present } from '../base/assert.ts'
import { provideArrow } from '../data/arrow/library.ts'

/** By name, as bundlers of applications would try to follow a call that they recognize. */
const createRequire = Reflect.get(nodeModule, 'createRequire') as typeof nodeModule.createRequire

/**
 * Makes the Arrow library available: where Node can load modules synchronously only when it is first used,
 * elsewhere (older Node, an application's bundle) at once. It is the same instance that `import` gives, so
 * that tables may be handed to and fro. `isInstalled`: these modules lie where they were installed, and the
 * library in one of the folders above, so that it need not be looked for before it is used.
 */
export async function readyArrow({ isInstalled = false } = {}): Promise<void> {
  const here: string | undefined = import.meta.url
  const requires = Reflect.get(process.features, 'require_module') === true
  if (requires && here !== undefined && (isInstalled || modulePath(here) !== undefined)) {
    provideArrow(() => {
      const path = present(modulePath(here), 'apache-arrow, which is installed with this package')
      return createRequire(path)(path) as typeof Arrow
    })
    return
  }
  const library = await import('apache-arrow')
  provideArrow(() => library)
}

/** The file that `import` would load, if it can be required; it lies beside the one for CommonJS. */
function modulePath(here: string): string | undefined {
  try {
    const path = createRequire(here).resolve('apache-arrow').replace(/\.js$/, '.mjs')
    return existsSync(path) ? path : undefined
  } catch {
    return undefined
  }
}
