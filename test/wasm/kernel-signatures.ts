/** Value types by their codes in a module's type section (WebAssembly core specification, 5.3.1). */
const valueTypes: ReadonlyMap<number, string> = new Map([
  [0x7f, 'i32'],
  [0x7e, 'i64'],
  [0x7d, 'f32'],
  [0x7c, 'f64'],
  [0x7b, 'v128'],
])

export interface Signature {
  readonly params: readonly string[]
  readonly results: readonly string[]
}

/** Reads the signatures of the functions that a module exports (core specification, 5.5). */
export function exportedSignatures(binary: Uint8Array): ReadonlyMap<string, Signature> {
  let at = 8
  const number = (): number => {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = binary[at++]!
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return value >>> 0
    }
  }
  const list = <T>(item: () => T): readonly T[] => Array.from({ length: number() }, item)
  const name = (): string => Buffer.from(list(() => binary[at++]!)).toString('utf8')
  let types: readonly Signature[] = []
  let functions: readonly number[] = []
  let imported = 0
  const exported = new Map<string, Signature>()
  while (at < binary.length) {
    const section = binary[at++]!
    const end = number() + at
    if (section === 1) {
      const typed = (): string => valueTypes.get(binary[at++]!)!
      types = list(() => {
        at++
        return { params: list(typed), results: list(typed) }
      })
    } else if (section === 2) {
      const kinds = list(() => {
        name()
        name()
        const kind = binary[at++]!
        if (kind === 0) number()
        else if (kind === 2) {
          // The bounds of the memory, the second where the flags say so.
          const flags = binary[at++]!
          number()
          if ((flags & 1) !== 0) number()
        } else throw new Error('kernels import functions and memory')
        return kind
      })
      imported = kinds.filter((kind) => kind === 0).length
    } else if (section === 3) functions = list(number)
    else if (section === 7) {
      list(() => {
        const [exportName, kind, index] = [name(), binary[at++]!, number()]
        if (kind === 0) exported.set(exportName, types[functions[index - imported]!]!)
      })
    }
    at = end
  }
  return exported
}
