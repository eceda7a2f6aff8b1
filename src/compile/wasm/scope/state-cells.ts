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
  /** Pushes the address of a cell; only for cells in memory. */
  address(cell: number): void
}

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
 * address stay in memory: numeric sums and lists.
 */
export function localCells(
  f: FunctionBuilder,
  row: Local,
  field: RowField,
): StateCells & { writeBack(): void } {
  const sum = field.state?.sum
  if (sum === 'numeric' || sum === 'interval' || field.state?.kept !== undefined)
    return { ...memoryCells(f, row, field), writeBack() {} }
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
    address: () => assert(false, 'address of a local'),
    writeBack() {
      cells.forEach((cell, index) => home.set(index, () => f.get(cell)))
      if (seen !== undefined) home.setSeen(() => f.get(seen))
    },
  }
}
