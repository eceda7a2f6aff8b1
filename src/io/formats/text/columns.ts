import { assert } from '../../../base/assert.ts'
import { textOfUtf8 } from '../../../base/utf8.ts'
import { Arena } from '../../../data/arenas/arena.ts'
import { parseScalar } from '../../../data/types/parse-scalar.ts'
import type { KernelArguments } from '../../../wasm/kernels/signatures.ts'
import type { DataType, TypeKind } from '../../../data/types/data-type.ts'
import type { Scalar } from '../../../data/types/scalar.ts'
import type { Schema } from '../../../data/types/schema.ts'
import { vectorFromScalars, writeScalar } from '../../../data/vectors/from-scalars.ts'
import { WideNumerics } from '../../../data/vectors/numeric-slots.ts'
import {
  address,
  layoutBytes,
  NO_ADDRESS,
  widestLayout,
  type Address,
  type Chunk,
  type Layout,
  type Vector,
} from '../../../data/vectors/vector.ts'
import type { ReaderEnvironment } from '../../scan/source.ts'
import { Scratch } from '../scratch.ts'
import { NO_QUOTE, standsAsJson, type TextDialect } from './dialect.ts'
import { isOfType } from '../infer-type.ts'
import { badField, fieldFault, otherType } from './faults.ts'
import { POWERS_BYTES, writePowersOfFive } from './powers-of-five.ts'
import type { TextScan } from './scan.ts'
import { writeSettings } from './settings.ts'

/**
 * Where the fields of a chunk's records lie: entry (row, column) is the u32 at
 * `position + row * rowStep + column * columnStep`, the address behind the field; the u32 before it
 * is the address of the byte in front of the field.
 */
export interface RowForm {
  readonly position: Address
  readonly columnStep: number
  readonly rowStep: number
  readonly rows: number
  /** Most bytes of text in all fields; undefined: the fields lie in order, one behind the other. */
  readonly textBytes?: number
}

export interface ColumnParsers {
  /** Fields of a record. */
  readonly columnCount: number
  /** Parses some rows of a chunk; the result is overwritten by the next call. */
  parse(scan: TextScan, form: RowForm, firstRow: number, rows: number): Chunk
  release(): void
}

interface Column {
  readonly index: number
  readonly name: string
  readonly type: DataType
  readonly layout: Layout
  readonly values: Scratch
  readonly validity: Scratch
}

interface ParserState {
  readonly env: ReaderEnvironment
  readonly dialect: TextDialect
  readonly settings: Address
  readonly odd: Scratch
  readonly powers: Scratch
  /** Bytes of all text columns, one after the other. */
  readonly text: Scratch
  /** Values of types that have no kernel; released before each chunk. */
  readonly rare: Arena
}

/** Parsers for the wanted columns of a file, in the order given. */
export function openColumns(
  env: ReaderEnvironment,
  dialect: TextDialect,
  fileColumns: Schema,
  wanted: readonly number[],
): ColumnParsers {
  const { heap } = env
  const settings = new Scratch(heap)
  const columns = wanted.map((index): Column => {
    const { name, type } = fileColumns[index]!
    return {
      index,
      name,
      type,
      layout: widestLayout(type),
      values: new Scratch(heap),
      validity: new Scratch(heap),
    }
  })
  const state: ParserState = {
    env,
    dialect,
    settings: writeSettings(heap, settings, dialect),
    odd: new Scratch(heap),
    powers: new Scratch(heap),
    text: new Scratch(heap),
    rare: new Arena(heap),
  }
  return {
    columnCount: fileColumns.length,
    parse: (scan, form, firstRow, rows) => parseChunk(scan, state, columns, form, firstRow, rows),
    release() {
      for (const { values, validity } of columns) {
        values.release()
        validity.release()
      }
      for (const scratch of [settings, state.odd, state.powers, state.text]) scratch.release()
      state.rare.release()
    },
  }
}

function parseChunk(
  scan: TextScan,
  state: ParserState,
  columns: readonly Column[],
  form: RowForm,
  firstRow: number,
  rows: number,
): Chunk {
  state.rare.release()
  const slice = { ...form, position: address(form.position + firstRow * form.rowStep), rows }
  const textColumns = columns.filter(({ type }) => type.kind === 'text').length
  let textTo = textColumns === 0 ? 0 : reserveText(scan, state, slice, textColumns)
  const vectors = columns.map((column) => {
    const position = address(slice.position + column.index * slice.columnStep)
    const fields: Fields = { scan, state, column, position, stride: slice.rowStep, rows }
    if (column.type.kind !== 'text') return parseFixed(fields)
    const vector = parseText(fields, address(textTo))
    const length = state.env.heap.u32[(vector.offsets >>> 2) + rows] ?? 0
    textTo = Math.ceil((textTo + length + PADDING_BYTES) / PADDING_BYTES) * PADDING_BYTES
    return vector
  })
  return { rows, columns: vectors, statistics: undefined }
}

/** Room for the text of a slice: it is no longer than the slice, and each column ends on padding. */
function reserveText(
  scan: TextScan,
  state: ParserState,
  slice: RowForm,
  textColumns: number,
): Address {
  if (slice.textBytes !== undefined) {
    return state.text.ensure(slice.textBytes + 3 * PADDING_BYTES * textColumns)
  }
  const { view } = state.env.heap
  const columnSteps = (scan.columnNames.length - 1) * slice.columnStep
  const last = slice.position + (slice.rows - 1) * slice.rowStep + columnSteps
  const from = view.getUint32(slice.position - 4, true)
  const to = view.getUint32(last, true)
  assert(to >= from, 'positions of fields descend')
  return state.text.ensure(to - from + 3 * PADDING_BYTES * textColumns)
}

const PADDING_BYTES = 64

/** One column's fields of a slice of records. */
interface Fields {
  readonly scan: TextScan
  readonly state: ParserState
  readonly column: Column
  readonly position: Address
  readonly stride: number
  readonly rows: number
}

function parseText(fields: Fields, to: Address): Vector {
  const { scan, state, column, position, stride, rows } = fields
  const { kernels } = state.env
  const offsets = column.values.ensure(4 * (rows + 1))
  const validity = allValid(fields)
  const odd = state.odd.ensure(4 * (rows + 1))
  const args = [position, stride, rows, offsets, to, validity, odd, state.settings] as const
  const oddRows = kernels.call('csvTexts', ...args)
  if (oddRows > 0) {
    const row = state.env.heap.view.getUint32(odd + 4, true)
    throw fieldFault(
      scan,
      fieldBounds(fields, row).start,
      column.name,
      'malformed quoting of a field',
    )
  }
  return vectorOf(fields, to, offsets, validity, odd)
}

function parseFixed(fields: Fields): Vector {
  const { state, column, position, stride, rows } = fields
  const parser = parsers[column.type.kind]?.(state, column.type)
  if (parser === undefined) return parseRare(fields)
  const bytes = column.layout === 'bit' ? (rows + 7) >>> 3 : layoutBytes[column.layout] * rows
  const values = column.values.ensure(bytes)
  const validity = allValid(fields)
  const odd = state.odd.ensure(4 * (rows + 1))
  const oddRows = parser([position, stride, rows, values, validity, odd, state.settings])
  const wide = new WideNumerics(state.rare)
  for (let entry = 1; entry <= oddRows; entry++) {
    const row = state.env.heap.view.getUint32(odd + 4 * entry, true)
    const scalar = scalarOfField(fields, row)
    assert(scalar !== null, 'NULL among the odd fields')
    writeScalar(state.env.heap, values, column.layout, row, scalar, wide)
  }
  return vectorOf(fields, values, NO_ADDRESS, validity, odd)
}

/** What every kernel that parses a column takes: its fields, where the values go, and the settings. */
type ParserArguments = KernelArguments<'csvBooleans'>
/** Gives how many fields are left to be parsed one at a time. */
type KernelParser = (args: ParserArguments) => number

type ParserMaker = (state: ParserState, type: DataType) => KernelParser

const plain =
  (name: 'csvBooleans' | 'csvNumerics' | 'csvDates'): ParserMaker =>
  ({ env }) =>
  (args) =>
    env.kernels.call(name, ...args)

const integers =
  (bytes: number): ParserMaker =>
  ({ env }) =>
  (args) =>
    env.kernels.call('csvIntegers', ...args, bytes)

const floats =
  (bytes: number): ParserMaker =>
  (state) =>
  (args) =>
    state.env.kernels.call('csvFloats', ...args, bytes, floatPowers(state))

const times =
  (form: number): ParserMaker =>
  ({ env }) =>
  (args) =>
    env.kernels.call('csvTimes', ...args, form)

/** Kernels by type; other types are parsed one field at a time. */
const parsers: Readonly<Partial<Record<TypeKind, ParserMaker>>> = {
  bool: plain('csvBooleans'),
  int2: integers(2),
  int4: integers(4),
  int8: integers(8),
  float4: floats(4),
  float8: floats(8),
  decimal({ env }, type) {
    assert(type.kind === 'decimal', 'decimals of another type')
    const { precision, scale } = type
    const width = layoutBytes[widestLayout(type)]
    return (args) => env.kernels.call('csvDecimals', ...args, width, precision, scale)
  },
  numeric: plain('csvNumerics'),
  date: plain('csvDates'),
  time: times(0),
  timestamp: times(1),
  timestamptz: times(2),
}

function floatPowers({ env, powers }: ParserState): Address {
  return powers.once(POWERS_BYTES, (block) => writePowersOfFive(env.heap, block))
}

function parseRare(fields: Fields): Vector {
  const { state, column, rows } = fields
  const scalars = Array.from({ length: rows }, (_, row) => scalarOfField(fields, row))
  return vectorFromScalars(state.rare, column.type, scalars)
}

/** A validity bitmap of ones, or none where nothing can be NULL. */
function allValid({ state, column, rows }: Fields): Address {
  const bytes = (rows + 7) >>> 3
  const validity = column.validity.ensure(bytes)
  state.env.kernels.call('fill', validity, 0xff, bytes)
  return validity
}

function vectorOf(
  fields: Fields,
  values: Address,
  offsets: Address,
  validity: Address,
  odd: Address,
): Vector {
  const { state, column, rows } = fields
  const nulls = state.env.heap.view.getUint32(odd, true)
  return {
    type: column.type,
    layout: column.layout,
    length: rows,
    validity: nulls === 0 ? NO_ADDRESS : validity,
    values,
    offsets,
    dictionary: undefined,
  }
}

function fieldBounds(
  fields: Fields,
  row: number,
): { readonly start: number; readonly end: number } {
  const { view } = fields.state.env.heap
  const entry = fields.position + row * fields.stride
  return { start: view.getUint32(entry - 4, true) + 1, end: view.getUint32(entry, true) }
}

/** The general parser: NULL strings, quotes and escapes, then the type's own input rules. */
function scalarOfField(fields: Fields, row: number): Scalar {
  const { scan, state, column } = fields
  const { start, end } = fieldBounds(fields, row)
  // TextDecoder refuses shared memory, hence the copy.
  const raw = textOfUtf8(state.env.heap.u8.slice(start, end))
  const { quote, nullStrings } = state.dialect
  const isQuotable = quote !== NO_QUOTE && !standsAsJson(state.dialect, column.type)
  const mark = isQuotable ? String.fromCharCode(quote) : undefined
  if (mark === undefined || !raw.startsWith(mark)) {
    if (nullStrings.includes(raw)) return null
  }
  const content = mark === undefined || !raw.startsWith(mark) ? raw : unquote(raw, mark)
  if (content === undefined)
    throw fieldFault(scan, start, column.name, 'malformed quoting of a field')
  if (state.dialect.isInferred && !isOfType(content, column.type)) {
    throw otherType(scan, start, column.name, content, column.type)
  }
  try {
    return parseScalar(content, column.type)
  } catch (cause) {
    throw badField(scan, start, column.name, content, cause)
  }
}

function unquote(raw: string, mark: string): string | undefined {
  if (raw.length < 2 || !raw.endsWith(mark)) return undefined
  const pieces = raw.slice(1, -1).split(mark + mark)
  return pieces.some((piece) => piece.includes(mark)) ? undefined : pieces.join(mark)
}
