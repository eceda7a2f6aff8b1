/**
 * A small Parquet writer for tests: it writes pages as the test gives them, byte for byte, so that
 * encodings, page borders and lies that no library writes can be tried.
 */

type Field =
  | readonly [id: number, kind: 'i32' | 'i64', value: number | bigint]
  | readonly [id: number, kind: 'bool', value: boolean]
  | readonly [id: number, kind: 'bytes', value: Uint8Array | string]
  | readonly [id: number, kind: 'struct', value: readonly Field[]]
  | readonly [id: number, kind: 'structs', value: readonly (readonly Field[])[]]
  | readonly [id: number, kind: 'i32s', value: readonly number[]]
  | readonly [id: number, kind: 'bools', value: readonly boolean[]]
  | readonly [id: number, kind: 'byte strings', value: readonly (readonly number[])[]]

const encoder = new TextEncoder()

export function varint(value: number | bigint): number[] {
  const bytes: number[] = []
  let rest = BigInt(value)
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) | 128)
    rest >>= 7n
  }
  bytes.push(Number(rest))
  return bytes
}

export function zigzag(value: number | bigint): number[] {
  const wide = BigInt(value)
  return varint(BigInt.asUintN(64, (wide << 1n) ^ (wide >> 63n)))
}

function struct(fields: readonly Field[]): number[] {
  const bytes: number[] = []
  for (const [id, kind, value] of fields) {
    // The long form of a field header: type, then the id.
    const header = (type: number): void => void bytes.push(type, ...zigzag(id))
    switch (kind) {
      case 'bool':
        header(value ? 1 : 2)
        break
      case 'i32':
      case 'i64':
        header(kind === 'i32' ? 5 : 6)
        bytes.push(...zigzag(value))
        break
      case 'bytes': {
        const content = typeof value === 'string' ? encoder.encode(value) : value
        header(8)
        bytes.push(...varint(content.length), ...content)
        break
      }
      case 'struct':
        header(12)
        bytes.push(...struct(value))
        break
      case 'structs':
        header(9)
        bytes.push(0xf0 | 12, ...varint(value.length), ...value.flatMap(struct))
        break
      case 'i32s':
        header(9)
        bytes.push(0xf0 | 5, ...varint(value.length), ...value.flatMap(zigzag))
        break
      case 'bools':
        header(9)
        bytes.push(0xf0 | 1, ...varint(value.length), ...value.map((one) => (one ? 1 : 2)))
        break
      case 'byte strings':
        header(9)
        bytes.push(0xf0 | 8, ...varint(value.length))
        for (const one of value) bytes.push(...varint(one.length), ...one)
    }
  }
  bytes.push(0)
  return bytes
}

export interface TestPage {
  readonly kind: 'dictionary' | 'data' | 'data-v2'
  readonly rows: number
  readonly encoding: number
  /** One a row for nullable columns, true where there is a value. */
  readonly valid?: readonly boolean[]
  /** Levels of a list's slots, which `rows` counts. */
  readonly repetition?: readonly number[]
  readonly definition?: readonly number[]
  /** The encoded values. */
  readonly values: readonly number[]
}

export interface TestColumn {
  readonly name: string
  /** Numbers of the Type and ConvertedType enums. */
  readonly physical: number
  readonly converted?: number
  readonly width?: number
  readonly precision?: number
  readonly scale?: number
  readonly nullable?: boolean
  /** A list, in one of the ways that writers have: its elements may be NULL in the first alone. */
  readonly list?: 'three levels' | 'two levels' | 'repeated'
  readonly pages: readonly TestPage[]
  readonly min?: readonly number[]
  readonly max?: readonly number[]
  readonly nullCount?: number
  /** A page index, by data page: what it says is up to the test. */
  readonly index?: readonly TestIndexEntry[]
}

export interface TestIndexEntry {
  readonly firstRow: number
  readonly isNull?: boolean
  readonly min: readonly number[]
  readonly max: readonly number[]
}

/** A file of one row group of uncompressed pages. */
export function parquetFile(rows: number, columns: readonly TestColumn[]): Uint8Array {
  const bytes: number[] = [...encoder.encode('PAR1')]
  const chunks = columns.map((column) => {
    const start = bytes.length
    let dataStart = start
    for (const page of column.pages) {
      if (page.kind === 'dictionary') dataStart = -1
      else if (dataStart < 0) dataStart = bytes.length
      for (const byte of pageBytes(column, page)) bytes.push(byte)
    }
    const bytesOfPages = bytes.length - start
    const places = indexBytes(column, start, bytesOfPages).map((part) => {
      const at = bytes.length
      for (const byte of part) bytes.push(byte)
      return [at, part.length] as const
    })
    const slots = column.pages.reduce((sum, page) => sum + (page.repetition?.length ?? 0), 0)
    const values = column.list === undefined ? rows : slots
    const chunk = chunkOf(column, values, start, Math.max(dataStart, 0), bytesOfPages)
    return [...chunk, ...indexFields(places)]
  })
  const footer = struct([
    [1, 'i32', 1],
    [2, 'structs', [rootOf(columns), ...columns.flatMap(elementsOf)]],
    [3, 'i64', rows],
    [
      4,
      'structs',
      [
        [
          [1, 'structs', chunks],
          [2, 'i64', bytes.length],
          [3, 'i64', rows],
        ],
      ],
    ],
  ])
  const length = footer.length
  for (const byte of footer) bytes.push(byte)
  for (let shift = 0; shift < 32; shift += 8) bytes.push((length >>> shift) & 255)
  return new Uint8Array([...bytes, ...encoder.encode('PAR1')])
}

function rootOf(columns: readonly TestColumn[]): readonly Field[] {
  return [
    [4, 'bytes', 'root'],
    [5, 'i32', columns.length],
  ]
}

const REPEATED = 2

/** The leaf with the groups around it. */
function elementsOf(column: TestColumn): readonly (readonly Field[])[] {
  const { name, list } = column
  const own = column.nullable === true ? 1 : 0
  if (list === undefined) return [leafOf(column, name, own)]
  if (list === 'repeated') return [leafOf(column, name, REPEATED)]
  const group = (repetition: number, groupName: string): readonly Field[] => [
    [3, 'i32', repetition],
    [4, 'bytes', groupName],
    [5, 'i32', 1],
  ]
  const outer: readonly Field[] = [...group(own, name), [6, 'i32', 3]]
  return list === 'two levels'
    ? [outer, leafOf(column, 'item', REPEATED)]
    : [outer, group(REPEATED, 'list'), leafOf(column, 'element', 1)]
}

function leafOf(column: TestColumn, name: string, repetition: number): readonly Field[] {
  const { physical, converted, width, precision, scale } = column
  return [
    [1, 'i32', physical],
    ...(width === undefined ? [] : [[2, 'i32', width] as const]),
    [3, 'i32', repetition],
    [4, 'bytes', name],
    ...(converted === undefined ? [] : [[6, 'i32', converted] as const]),
    ...(scale === undefined ? [] : [[7, 'i32', scale] as const]),
    ...(precision === undefined ? [] : [[8, 'i32', precision] as const]),
  ]
}

function chunkOf(
  column: TestColumn,
  rows: number,
  start: number,
  dataStart: number,
  bytes: number,
): readonly Field[] {
  const { min, max, nullCount } = column
  const statistics: readonly Field[] = [
    ...(nullCount === undefined ? [] : [[3, 'i64', nullCount] as const]),
    ...(max === undefined ? [] : [[5, 'bytes', new Uint8Array(max)] as const]),
    ...(min === undefined ? [] : [[6, 'bytes', new Uint8Array(min)] as const]),
  ]
  const meta: readonly Field[] = [
    [1, 'i32', column.physical],
    [2, 'i32s', [0]],
    [4, 'i32', 0],
    [5, 'i64', rows],
    [6, 'i64', bytes],
    [7, 'i64', bytes],
    [9, 'i64', dataStart],
    ...(dataStart > start ? [[11, 'i64', start] as const] : []),
    [12, 'struct', statistics],
  ]
  return [
    [2, 'i64', start],
    [3, 'struct', meta],
  ]
}

/** The index of columns and that of offsets; the test's pages are said to take a byte each. */
function indexBytes({ index }: TestColumn, start: number, bytes: number): readonly number[][] {
  if (index === undefined) return []
  const columnIndex = struct([
    [1, 'bools', index.map(({ isNull = false }) => isNull)],
    [2, 'byte strings', index.map(({ min }) => min)],
    [3, 'byte strings', index.map(({ max }) => max)],
    [4, 'i32', 0],
  ])
  const locations = index.map(({ firstRow }, page): readonly Field[] => [
    [1, 'i64', start + Math.min(page, bytes - 1)],
    [2, 'i32', 1],
    [3, 'i64', firstRow],
  ])
  return [columnIndex, struct([[1, 'structs', locations]])]
}

function indexFields(places: readonly (readonly [at: number, bytes: number])[]): readonly Field[] {
  const [columns, offsets] = places
  if (columns === undefined || offsets === undefined) return []
  return [
    [4, 'i64', offsets[0]],
    [5, 'i32', offsets[1]],
    [6, 'i64', columns[0]],
    [7, 'i32', columns[1]],
  ]
}

function pageBytes(column: TestColumn, page: TestPage): number[] {
  const { repetition, definition } = levelsOf(column, page)
  const levels = [...(repetition ?? []), ...(definition ?? [])]
  const sized = (bytes: number): Field[] => [
    [2, 'i32', bytes],
    [3, 'i32', bytes],
  ]
  if (page.kind === 'dictionary') {
    const header: Field[] = [
      [1, 'i32', page.rows],
      [2, 'i32', page.encoding],
    ]
    const fields: Field[] = [[1, 'i32', 2], ...sized(page.values.length), [7, 'struct', header]]
    return [...struct(fields), ...page.values]
  }
  if (page.kind === 'data-v2') {
    const nulls = page.valid?.filter((valid) => !valid).length ?? 0
    const header: Field[] = [
      [1, 'i32', page.rows],
      [2, 'i32', nulls],
      [3, 'i32', page.rows],
      [4, 'i32', page.encoding],
      [5, 'i32', definition?.length ?? 0],
      [6, 'i32', repetition?.length ?? 0],
      [7, 'bool', false],
    ]
    const body = [...levels, ...page.values]
    return [...struct([[1, 'i32', 3], ...sized(body.length), [8, 'struct', header]]), ...body]
  }
  const header: Field[] = [
    [1, 'i32', page.rows],
    [2, 'i32', page.encoding],
    [3, 'i32', 3],
    [4, 'i32', 3],
  ]
  const body = [...prefixed(repetition), ...prefixed(definition), ...page.values]
  return [...struct([[1, 'i32', 0], ...sized(body.length), [5, 'struct', header]]), ...body]
}

interface Levels {
  readonly repetition: readonly number[] | undefined
  readonly definition: readonly number[] | undefined
}

/** Levels: runs of 8 and more equal ones as RLE, the rest bit-packed. */
function levelsOf({ list, nullable }: TestColumn, page: TestPage): Levels {
  if (list !== undefined) {
    const bits = list === 'repeated' ? 1 : 2
    return {
      repetition: hybrid(page.repetition ?? [], 1),
      definition: hybrid(page.definition ?? [], bits),
    }
  }
  const valid = page.valid ?? Array.from({ length: page.rows }, () => true)
  return {
    repetition: undefined,
    definition: nullable === true ? hybrid(valid.map(Number), 1) : undefined,
  }
}

/** Levels behind their length; nothing at all where the column has none. */
function prefixed(levels: readonly number[] | undefined): readonly number[] {
  return levels === undefined ? [] : [...little(levels.length, 4), ...levels]
}

export function little(value: number | bigint, bytes: number): number[] {
  const wide = BigInt(value)
  return Array.from({ length: bytes }, (_, i) => Number((wide >> BigInt(8 * i)) & 255n))
}

/** Values of `bits` bits one after another, least significant bit first. */
export function packed(values: readonly (number | bigint)[], bits: number): number[] {
  const bytes = Array.from({ length: Math.ceil((values.length * bits) / 8) }, () => 0)
  for (const [index, value] of values.entries()) {
    for (let bit = 0; bit < bits; bit++) {
      if (((BigInt(value) >> BigInt(bit)) & 1n) === 0n) continue
      const at = index * bits + bit
      bytes[at >> 3] = (bytes[at >> 3] ?? 0) | (1 << (at & 7))
    }
  }
  return bytes
}

/** The RLE/bit-packed hybrid; runs of at least 8 equal values that begin a group become RLE. */
export function hybrid(values: readonly number[], bits: number): number[] {
  const bytes: number[] = []
  let at = 0
  while (at < values.length) {
    let run = 1
    while (at + run < values.length && values[at + run] === values[at]) run++
    if (run >= 8 || at + run === values.length) {
      bytes.push(...varint(run << 1), ...little(values[at] ?? 0, Math.ceil(bits / 8)))
      at += run
    } else {
      const group = values.slice(at, at + 8)
      while (group.length < 8) group.push(0)
      bytes.push(...varint(3), ...packed(group, bits))
      at += 8
    }
  }
  return bytes
}

/** PLAIN byte arrays. */
export function plainTexts(values: readonly string[]): number[] {
  return values.flatMap((value) => {
    const bytes = encoder.encode(value)
    return [...little(bytes.length, 4), ...bytes]
  })
}

/** DELTA_BINARY_PACKED with blocks of 128 values in 4 miniblocks. */
export function deltaPacked(values: readonly (number | bigint)[]): number[] {
  const wide = values.map(BigInt)
  const bytes = [...varint(128), ...varint(4), ...varint(wide.length), ...zigzag(wide[0] ?? 0n)]
  const deltas = wide.slice(1).map((value, i) => BigInt.asIntN(64, value - (wide[i] ?? 0n)))
  for (let block = 0; block < deltas.length; block += 128) {
    const part = deltas.slice(block, block + 128)
    const least = part.reduce((a, b) => (a < b ? a : b))
    const excess = part.map((delta) => BigInt.asUintN(64, delta - least))
    const minis = [0, 32, 64, 96].map((from) => excess.slice(from, from + 32))
    const widths = minis.map((mini) =>
      Math.max(0, ...mini.map((e) => e.toString(2).length * Number(e > 0n))),
    )
    bytes.push(...zigzag(least), ...widths)
    for (const [index, mini] of minis.entries()) {
      if (mini.length === 0) continue
      const full = [...mini, ...Array.from({ length: 32 - mini.length }, () => 0n)]
      bytes.push(...packed(full, widths[index] ?? 0))
    }
  }
  return bytes
}
