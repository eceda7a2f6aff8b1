import { assert, present } from '../../../base/assert.ts'
import type { FunctionBuilder, Local } from '../../../wasm/assembler/function-builder.ts'
import type { RowField } from '../../model/row-layout.ts'
import { emitLoad, emitStore } from './values.ts'

/** Where a state lives: in a group's row, or in locals while a batch runs. */
export interface StateCells {
  readonly tracksSeen: boolean
  /** Pushes a cell. */
  get(cell: number): void
  /** Stores what `emit` pushes. */
  set(cell: number, emit: () => void): void
  /** Pushes 1 when a value was seen. */
  getSeen(): void
  setSeen(emit: () => void): void
  /** Emits what needs the cells in memory. */
  inMemory(emit: () => void): void
  /** Pushes the address of a cell: of one in memory, or within {@link inMemory}. */
  address(cell: number): void
  /** A sum of numerics whose parts are in locals. */
  readonly numericSum?: NumericSum
}

/** A sum of numerics in locals, as long as it has {@link SUM_BITS}: parts of 95 bits are added to it. */
export interface NumericSum {
  /** The scale, on top of a word; all bits where there is no such sum, which no numeric of 64 bits has. */
  readonly scale: Local
  /** The two words of the sum. */
  readonly low: Local
  readonly high: Local
}

/** However many numbers of 95 bits a piece of rows has, a sum of these bits and theirs has 120. */
const SUM_BITS = 112n

export function memoryCells(f: FunctionBuilder, row: Local, field: RowField): StateCells {
  const lane = (cell: number) => present(field.lanes[cell], 'cell of a state')
  const seen = () => present(field.validOffset, 'seen flag of a state')
  return {
    tracksSeen: field.validOffset !== undefined,
    get(cell) {
      f.get(row)
      emitLoad(f, lane(cell).type, lane(cell).offset)
    },
    set(cell, emit) {
      f.get(row)
      emit()
      emitStore(f, lane(cell).type, lane(cell).offset)
    },
    getSeen() {
      f.get(row).memory('i32.load8_u', seen())
    },
    setSeen(emit) {
      f.get(row)
      emit()
      f.memory('i32.store8', seen())
    },
    inMemory: (emit) => emit(),
    address(cell) {
      f.get(row).i32(lane(cell).offset).op('i32.add')
    },
  }
}

/** A state in a row, copied into locals; `seen` is 1 when a value was seen, where that is tracked. */
export function loadCells(
  f: FunctionBuilder,
  row: Local,
  field: RowField,
): { readonly lanes: readonly Local[]; readonly seen: Local | undefined } {
  const cells = memoryCells(f, row, field)
  const lanes = field.lanes.map((lane, index) => {
    const local = f.local(lane.type)
    cells.get(index)
    f.set(local)
    return local
  })
  if (!cells.tracksSeen) return { lanes, seen: undefined }
  const seen = f.local('i32')
  cells.getSeen()
  f.set(seen)
  return { lanes, seen }
}

/**
 * Cells in locals, read before the loop (`row` must be hoisted); `writeBack` stores them in the row. Cells that kernels
 * address stay in memory: sums of intervals and of squares, and lists.
 */
export function localCells(
  f: FunctionBuilder,
  row: Local,
  field: RowField,
): StateCells & { writeBack(): void } {
  const { state } = field
  if (state?.sum === 'numeric' && state.accumulator !== 'sum-squares') {
    return numericCells(f, row, field)
  }
  const isAddressed =
    state?.sum === 'interval' || state?.accumulator === 'sum-squares' || state?.kept !== undefined
  if (isAddressed) return { ...memoryCells(f, row, field), writeBack() {} }
  const home = memoryCells(f, row, field)
  const cells = field.lanes.map((lane) =>
    f.hoisted(lane.type, () => {
      f.get(row)
      emitLoad(f, lane.type, lane.offset)
    }),
  )
  const seen = field.validOffset === undefined ? undefined : f.hoisted('i32', () => home.getSeen())
  return {
    tracksSeen: home.tracksSeen,
    get: (cell) => void f.get(present(cells[cell], 'cell of a state')),
    set(cell, emit) {
      emit()
      f.set(present(cells[cell], 'cell of a state'))
    },
    getSeen: () => void f.get(present(seen, 'seen flag')),
    setSeen(emit) {
      emit()
      f.set(present(seen, 'seen flag'))
    },
    inMemory(emit) {
      cells.forEach((cell, index) => home.set(index, () => f.get(cell)))
      emit()
      cells.forEach((cell, index) => {
        home.get(index)
        f.set(cell)
      })
    },
    address: (cell) => home.address(cell),
    writeBack() {
      cells.forEach((cell, index) => home.set(index, () => f.get(cell)))
      if (seen !== undefined) home.setSeen(() => f.get(seen))
    },
  }
}

function numericCells(
  f: FunctionBuilder,
  row: Local,
  field: RowField,
): StateCells & { writeBack(): void } {
  const home = memoryCells(f, row, field)
  const sum = (['scale', 'low', 'high'] as const).map((part) =>
    f.hoisted('i64', () => pushPart(f, home, part)),
  )
  const [scale, low, high] = sum
  assert(scale !== undefined && low !== undefined && high !== undefined, 'parts of a sum')
  const seen = field.validOffset === undefined ? undefined : f.hoisted('i32', () => home.getSeen())
  const store = (): void => {
    f.get(scale).i64(-1n).op('i64.ne').if()
    home.set(0, () => f.get(low))
    home.set(1, () => f.get(high).i64(UPPER_BITS).op('i64.and').get(scale).op('i64.or'))
    f.end()
  }
  return {
    tracksSeen: home.tracksSeen,
    get: () => assert(false, 'cell of a sum in parts'),
    set: () => assert(false, 'cell of a sum in parts'),
    getSeen: () => void f.get(present(seen, 'seen flag')),
    setSeen(emit) {
      emit()
      f.set(present(seen, 'seen flag'))
    },
    inMemory(emit) {
      store()
      emit()
      for (const part of ['low', 'high', 'scale'] as const) {
        pushPart(f, home, part)
        f.set({ scale, low, high }[part])
      }
    },
    address: (cell) => home.address(cell),
    numericSum: { scale, low, high },
    writeBack() {
      store()
      if (seen !== undefined) home.setSeen(() => f.get(seen))
    },
  }
}

const UPPER_BITS = (1n << 56n) - 1n
const SCALE_BITS = 0xffn << 56n

/** Pushes a part of a sum that lies in memory. */
function pushPart(f: FunctionBuilder, home: StateCells, part: keyof NumericSum): void {
  const pushHigh = (): void => {
    home.get(1)
    f.i64(8n).op('i64.shl').i64(8n).op('i64.shr_s')
  }
  if (part === 'low') return home.get(0)
  if (part === 'high') return pushHigh()
  // Scales from 128 on, one of which is the tag of numerics with bytes of their own, and sums that have more bits.
  home.get(1)
  f.i64(SCALE_BITS).op('i64.and').i64(-1n)
  home.get(1)
  f.i64(0n).op('i64.ge_s')
  pushHigh()
  f.i64(1n << (SUM_BITS - 65n)).op('i64.add')
  f.i64(1n << (SUM_BITS - 64n))
    .op('i64.lt_u')
    .op('i32.and')
    .op('select')
}
