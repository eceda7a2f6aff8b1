/** An error that the crash test must find: a text of a module of the engine, and what takes its place. */
export interface Mutant {
  readonly name: string
  readonly module: string
  readonly from: string
  readonly to: string
}

export const mutants: readonly Mutant[] = [
  {
    name: 'missing fsync',
    module: 'storage/log/log-writer.js',
    from: 'await this.#flush();\n                    await this.#sync();',
    to: 'await this.#flush();\n                    this.#synced = this.#at;',
  },
  {
    name: 'torn record accepted',
    module: 'storage/log/frames.js',
    from: 'return view.getUint32(frameField.checksum, true) === checksum ? { frame, head } : undefined;',
    to: 'return { frame, head };',
  },
  {
    name: 'dropped page',
    module: 'storage/log/log-writer.js',
    from: 'await this.#file.write(this.#buffer.subarray(0, this.#filled), this.#at);',
    to: 'if (this.#at % 5 !== 0) await this.#file.write(this.#buffer.subarray(0, this.#filled), this.#at);',
  },
]

/** Source of a hook that puts a mutant in its module's place when that is loaded. */
export function mutantHook(mutant: Mutant): string {
  return `
    const mutant = ${JSON.stringify(mutant)}
    export async function load(url, context, next) {
      const loaded = await next(url, context)
      if (!url.endsWith('/dist/' + mutant.module)) return loaded
      const source = String(loaded.source)
      if (!source.includes(mutant.from)) throw new Error('no place for mutant ' + mutant.name)
      return { ...loaded, source: source.replace(mutant.from, mutant.to) }
    }`
}
