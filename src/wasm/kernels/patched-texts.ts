import { present } from '../../base/assert.ts'
import type { MemoryViews } from '../../data/arenas/memory-views.ts'
import { layoutBytes, NO_ADDRESS, type Layout, type Vector } from '../../data/vectors/vector.ts'
import type { Patch, PatchedColumn, PatchRoom } from './patch.ts'
import { isValid } from '../../data/vectors/to-scalars.ts'

/** A column stays coded while it has so many rows a value that its dictionary may have. */
const ROWS_PER_ENTRY_MIN = 8

/** Bytes of one text. */
interface TextBytes {
  readonly start: number
  readonly bytes: number
}

/** The texts of a column, others in some rows; undefined where they get too long for a chunk. */
export function patchedTexts(
  room: PatchRoom,
  base: Vector,
  patches: readonly Patch[],
  validity: Vector['validity'],
): PatchedColumn | undefined {
  const coded = base.dictionary && patchedCodes(room, base, patches)
  if (coded !== undefined) return { ...coded, vector: { ...coded.vector, validity } }
  const vector = patchedPlain(room, base, patches)
  return vector && { vector: { ...vector, validity }, sharesDictionary: false }
}

const nothing: TextBytes = { start: 0, bytes: 0 }

/** Where the text of a row lies; that of NULL is empty. */
function textReader(views: MemoryViews, vector: Vector): (row: number) => TextBytes {
  const { dictionary, validity } = vector
  const texts = dictionary ?? vector
  const plain = (row: number): TextBytes => {
    const at = (texts.offsets >>> 2) + row
    const first = present(views.u32[at], 'an offset')
    return { start: texts.values + first, bytes: present(views.u32[at + 1], 'an offset') - first }
  }
  if (dictionary === undefined) return plain
  const codeOf = codeReader(views, vector)
  if (validity === NO_ADDRESS) return (row) => plain(codeOf(row))
  return (row) => (isValid(views, vector, row) ? plain(codeOf(row)) : nothing)
}

function codeReader({ u8, u32, view }: MemoryViews, vector: Vector): (row: number) => number {
  const { layout, values } = vector
  if (layout === 'dict8') return (row) => u8[values + row]!
  if (layout === 'dict16') return (row) => view.getUint16(values + 2 * row, true)
  return (row) => u32[(values >>> 2) + row]!
}

/** As codes: of the dictionary there is, or of one with the new texts behind; undefined where that gets too long. */
function patchedCodes(
  { arena, kernels }: PatchRoom,
  base: Vector,
  patches: readonly Patch[],
): PatchedColumn | undefined {
  const dictionary = present(base.dictionary, 'a dictionary')
  const entriesMax = Math.floor(base.length / ROWS_PER_ENTRY_MIN)
  if (dictionary.length > entriesMax) return undefined
  const { heap } = arena
  const codes = new Map<string, number>()
  const nameOf = ({ start, bytes }: TextBytes): string => {
    let name = ''
    for (let at = start; at < start + bytes; at++) name += String.fromCharCode(heap.u8[at]!)
    return name
  }
  const entryOf = textReader(heap, dictionary)
  for (let code = 0; code < dictionary.length; code++) codes.set(nameOf(entryOf(code)), code)
  const added: TextBytes[] = []
  const coded: number[][] = []
  for (const { vector, from } of patches) {
    const textOf = textReader(heap, vector)
    const own: number[] = []
    for (const row of from) {
      if (!isValid(heap, vector, row)) {
        own.push(0)
        continue
      }
      const text = textOf(row)
      const name = nameOf(text)
      let code = codes.get(name)
      if (code === undefined) {
        code = dictionary.length + added.length
        if (code >= entriesMax) return undefined
        codes.set(name, code)
        added.push(text)
      }
      own.push(code)
    }
    coded.push(own)
  }
  const layout = wideEnough(base.layout, dictionary.length + added.length)
  const width = layoutBytes[layout]
  const values = arena.allocate(width * base.length)
  if (layout === base.layout) kernels.call('copy', values, base.values, width * base.length)
  else widenCodes(heap, base, { values, layout })
  for (const [at, { to }] of patches.entries())
    writeCodes(heap, values, layout, { to, codes: coded[at]! })
  const vector = { ...base, layout, values }
  if (added.length === 0) return { vector, sharesDictionary: true }
  const longer = withEntries(arena, dictionary, added)
  return { vector: { ...vector, dictionary: longer }, sharesDictionary: false }
}

function wideEnough(layout: Layout, entries: number): Layout {
  if (layout === 'dict8' && entries > 256) return entries > 65_536 ? 'dict32' : 'dict16'
  return layout === 'dict16' && entries > 65_536 ? 'dict32' : layout
}

function widenCodes(
  views: MemoryViews,
  base: Vector,
  { values, layout }: Pick<Vector, 'values' | 'layout'>,
): void {
  const codeOf = codeReader(views, base)
  const to = Uint32Array.from({ length: base.length }, (_, row) => row)
  writeCodes(views, values, layout, { to, codes: Array.from(to, codeOf) })
}

function writeCodes(
  { u8, u32, view }: MemoryViews,
  values: number,
  layout: Layout,
  { to, codes }: { readonly to: Uint32Array; readonly codes: readonly number[] },
): void {
  for (const [at, row] of to.entries()) {
    const code = codes[at]!
    if (layout === 'dict8') u8[values + row] = code
    else if (layout === 'dict16') view.setUint16(values + 2 * row, code, true)
    else u32[(values >>> 2) + row] = code
  }
}

function withEntries(
  arena: PatchRoom['arena'],
  dictionary: Vector,
  added: readonly TextBytes[],
): Vector {
  const { u8, u32 } = arena.heap
  const { length } = dictionary
  const before = dictionary.offsets >>> 2
  const first = length === 0 ? 0 : present(u32[before], 'an offset')
  const bytesBefore = length === 0 ? 0 : present(u32[before + length], 'an offset') - first
  const bytes = added.reduce((sum, text) => sum + text.bytes, bytesBefore)
  const [values, offsets] = [arena.allocate(bytes), arena.allocate(4 * (length + added.length + 1))]
  u8.copyWithin(values, dictionary.values + first, dictionary.values + first + bytesBefore)
  const own = offsets >>> 2
  for (let entry = 0; entry < length; entry++) u32[own + entry] = u32[before + entry]! - first
  let next = bytesBefore
  for (const [at, text] of added.entries()) {
    u32[own + length + at] = next
    u8.copyWithin(values + next, text.start, text.start + text.bytes)
    next += text.bytes
  }
  u32[own + length + added.length] = next
  return { ...dictionary, length: length + added.length, values, offsets }
}

/** What lies between the rows that change is copied as it is. */
function patchedPlain(
  room: PatchRoom,
  base: Vector,
  patches: readonly Patch[],
): Vector | undefined {
  const { arena, textBytesMax } = room
  const { heap } = arena
  const { length } = base
  const plain = base.dictionary === undefined ? base : decoded(room, base)
  const coming = comingTexts(heap, length, patches)
  const before = plain.offsets >>> 2
  let bytes = (heap.u32[before + length] ?? 0) - (heap.u32[before] ?? 0)
  for (const { to } of patches) {
    for (let at = 0; at < to.length; at++) {
      const row = to[at]!
      const own = heap.u32[before + row + 1]! - heap.u32[before + row]!
      bytes += coming.bytes[coming.placeOf[row]!]! - own
    }
  }
  if (bytes > textBytesMax) return undefined
  const [values, offsets] = [arena.allocate(bytes), arena.allocate(4 * (length + 1))]
  splice(heap, plain, coming, { values, offsets })
  const parts = { layout: 'utf8' as const, values, offsets, validity: NO_ADDRESS }
  return { ...base, ...parts, dictionary: undefined }
}

/** The texts that come, each at a place behind 0, and by row the place of the one that comes there: 0 for none. */
interface ComingTexts {
  readonly placeOf: Uint32Array
  readonly starts: Float64Array
  readonly bytes: Float64Array
}

function comingTexts(views: MemoryViews, rows: number, patches: readonly Patch[]): ComingTexts {
  const count = patches.reduce((sum, { to }) => sum + to.length, 1)
  const placeOf = new Uint32Array(rows)
  const [starts, bytes] = [new Float64Array(count), new Float64Array(count)]
  let place = 0
  for (const { vector, from, to } of patches) {
    const textOf = textReader(views, vector)
    for (let at = 0; at < to.length; at++) {
      const text = textOf(from[at]!)
      placeOf[to[at]!] = ++place
      starts[place] = text.start
      bytes[place] = text.bytes
    }
  }
  return { placeOf, starts, bytes }
}

function splice(
  { u8, u32 }: MemoryViews,
  base: Vector,
  { placeOf, starts, bytes }: ComingTexts,
  target: Pick<Vector, 'values' | 'offsets'>,
): void {
  const [before, own] = [base.offsets >>> 2, target.offsets >>> 2]
  const { length } = base
  // Where what comes next goes, and where what stays begins that is still to be copied.
  let next = 0
  let first = length > 0 ? u32[before]! : 0
  const copyUpTo = (end: number): void => {
    u8.copyWithin(target.values + next, base.values + first, base.values + end)
    next += end - first
  }
  for (let row = 0; row < length; row++) {
    const place = placeOf[row]!
    if (place === 0) {
      u32[own + row] = u32[before + row]! - first + next
      continue
    }
    if (u32[before + row]! > first) copyUpTo(u32[before + row]!)
    u32[own + row] = next
    const start = starts[place]!
    u8.copyWithin(target.values + next, start, start + bytes[place]!)
    next += bytes[place]!
    first = u32[before + row + 1]!
  }
  if (length > 0) copyUpTo(u32[before + length]!)
  u32[own + length] = next
}

/** The texts of codes one after another. */
function decoded({ scratch }: PatchRoom, vector: Vector): Vector {
  const { heap } = scratch
  const textOf = textReader(heap, vector)
  const texts = Array.from({ length: vector.length }, (_, row) => textOf(row))
  const offsets = scratch.allocate(4 * (vector.length + 1))
  const values = scratch.allocate(texts.reduce((sum, { bytes }) => sum + bytes, 0))
  let next = 0
  for (const [row, { start, bytes }] of texts.entries()) {
    heap.u32[(offsets >>> 2) + row] = next
    heap.u8.copyWithin(values + next, start, start + bytes)
    next += bytes
  }
  heap.u32[(offsets >>> 2) + vector.length] = next
  return { ...vector, layout: 'utf8', values, offsets, dictionary: undefined }
}
