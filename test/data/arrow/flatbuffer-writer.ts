/** A field of a table: its bytes, or what it refers to; undefined where it is left out. */
export type FlatField =
  | { readonly bytes: readonly number[] }
  | { readonly table: readonly (FlatField | undefined)[] }
  | { readonly text: string }
  /** Tables that a vector refers to; `length` is what it claims. */
  | { readonly tables: readonly FlatTableSource[]; readonly length?: number }
  /** Members of a fixed number of bytes. */
  | { readonly structs: readonly (readonly number[])[]; readonly length?: number }

/** A table; one that is given twice is written once. */
export type FlatTableSource = readonly (FlatField | undefined)[]

/** Bytes of a flatbuffer with this root: for messages that no library writes. */
export function flatbuffer(root: FlatTableSource): Uint8Array {
  const bytes: number[] = [0, 0, 0, 0]
  const known = new Map<FlatTableSource, number>()
  const align = (): void => {
    while (bytes.length % 8 !== 0) bytes.push(0)
  }
  const put = (at: number, value: number, width: 2 | 4): void => {
    for (let byte = 0; byte < width; byte++) bytes[at + byte] = (value >>> (8 * byte)) & 255
  }
  const push = (value: number, width: 2 | 4): void => {
    bytes.push(...Array.from({ length: width }, (_, byte) => (value >>> (8 * byte)) & 255))
  }
  const vector = (length: number, members: readonly (readonly number[])[]): number => {
    // The length comes right before members that are aligned to 8 bytes.
    align()
    bytes.push(0, 0, 0, 0)
    push(length, 4)
    bytes.push(...members.flat())
    return bytes.length - 4 - members.flat().length
  }
  const target = (field: Exclude<FlatField, { bytes: readonly number[] }>): number => {
    if ('table' in field) return table(field.table)
    if ('text' in field) {
      const text = [...new TextEncoder().encode(field.text)]
      return vector(text.length, [[...text]])
    }
    if ('structs' in field) return vector(field.length ?? field.structs.length, field.structs)
    const { tables } = field
    const at = vector(
      field.length ?? tables.length,
      tables.map(() => [0, 0, 0, 0]),
    )
    tables.forEach((source, index) => {
      const slot = at + 4 + 4 * index
      put(slot, table(source) - slot, 4)
    })
    return at
  }
  const table = (fields: FlatTableSource): number => {
    const written = known.get(fields)
    if (written !== undefined) return written
    align()
    const slots = bytes.length
    push(4 + 2 * fields.length, 2)
    push(8 + 8 * fields.length, 2)
    fields.forEach((field, index) => push(field === undefined ? 0 : 8 + 8 * index, 2))
    align()
    const at = bytes.length
    push(at - slots, 4)
    push(0, 4)
    for (const field of fields) {
      const own = field !== undefined && 'bytes' in field ? field.bytes : []
      bytes.push(...own, ...Array.from({ length: 8 - own.length }, () => 0))
    }
    known.set(fields, at)
    fields.forEach((field, index) => {
      if (field === undefined || 'bytes' in field) return
      const slot = at + 8 + 8 * index
      put(slot, target(field) - slot, 4)
    })
    return at
  }
  put(0, table(root), 4)
  align()
  return Uint8Array.from(bytes)
}

/** A message of an Arrow IPC stream: its prefix, its metadata, its body. */
export function ipcMessage(root: FlatTableSource, body: readonly number[] = []): Uint8Array {
  const metadata = flatbuffer(root)
  const prefix = new Uint8Array(8)
  const view = new DataView(prefix.buffer)
  view.setUint32(0, 0xffffffff, true)
  view.setUint32(4, metadata.length, true)
  return Uint8Array.from([...prefix, ...metadata, ...body])
}

export const flatNumber = (value: number, width: 1 | 2 | 4 | 8): FlatField => ({
  bytes: Array.from({ length: width }, (_, byte) =>
    Number((BigInt(value) >> BigInt(8 * byte)) & 255n),
  ),
})
