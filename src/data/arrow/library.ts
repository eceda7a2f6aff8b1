import type * as Arrow from 'apache-arrow'
import { present } from '../../base/assert.ts'

type ArrowLibrary = typeof Arrow

let provide: (() => ArrowLibrary) | undefined
let loaded: ArrowLibrary | undefined

/** Says where the library comes from; called once before Arrow data are met, later calls change nothing. */
export function provideArrow(provider: () => ArrowLibrary): void {
  provide ??= provider
}

/**
 * `apache-arrow`, loaded when something of it is first used: it is large, and most programs that start
 * never meet Arrow data.
 */
export const arrow: ArrowLibrary = new Proxy({} as ArrowLibrary, {
  get(_, name) {
    loaded ??= present(provide, 'Arrow data before the library was provided')()
    return Reflect.get(loaded, name) as unknown
  },
})
