import type { ModuleExport } from '../user-functions/function-code.ts'
import { invalidOption } from './options.ts'

/** A function that a module exports, which every worker loads from its own file system. */
export class ModuleFunction<A extends readonly unknown[] = never, R = unknown> {
  readonly code: ModuleExport
  /** Only the type of the function. */
  declare protected readonly functionType: (...args: A) => R

  /** `url`: of a file, as `import.meta.resolve` or `new URL(..., import.meta.url)` give it. */
  constructor(url: URL | string, name: string) {
    const { href, protocol } = new URL(url)
    if (protocol !== 'file:') throw invalidOption('url', 'a file: URL')
    this.code = { kind: 'module', name, url: href }
  }
}
