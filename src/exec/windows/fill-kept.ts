import { assert, present } from '../../base/assert.ts'
import { spend } from '../../base/budget.ts'
import type { WindowFill } from '../../compile/model/pipeline.ts'
import type { RowField } from '../../compile/model/row-layout.ts'
import type { Arena } from '../../data/arenas/arena.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { WideNumerics } from '../../data/vectors/numeric-slots.ts'
import { comparer, finishRows, rowsForm } from '../../functions/aggregates/collect.ts'
import type { CollectedRows, FoldedForm } from '../../functions/aggregate-form.ts'
import type { Collected } from '../../wasm/kernels/value-kinds.ts'
import type { Steps } from '../jobs/steps.ts'
import { kernelValues, ROW_STEPS } from '../breakers/kernel-values.ts'
import { copyBytes } from '../rows/copy-bytes.ts'
import { fieldReader } from '../rows/row-values.ts'
import { fieldWriter } from '../rows/write-field.ts'
import type { ThreadEnvironment } from '../jobs/thread.ts'
import { FrameValues, type Runs } from './frame-values.ts'
import { copier } from './fill-values.ts'
import type { FramePieces } from './frames.ts'
import type { ListedRows } from './listed-rows.ts'
import type { RowMemory } from './row-memory.ts'

export type KeptFill = WindowFill & { kind: 'kept' }

/** Rows that are looked at in one step, and rows that are filled in one. */
const ROWS_A_STEP = 65_536
const FILLED_ROWS_A_STEP = 1_024

/**
 * Fills the field of an aggregate that is computed in TypeScript from the rows of each frame; equal frames
 * that follow each other share a value. States of numbers grow row by row with a frame that begins with the
 * partition. Bytes of the values live as long as `arena`.
 */
export function* fillKept(
  env: ThreadEnvironment,
  rows: ListedRows,
  fill: KeptFill,
  pieces: FramePieces,
  arena: Arena,
): Steps<void> {
  const target = rows.field(fill.field)
  const keeper = new WideNumerics(arena)
  const writeAt = fieldWriter(rows.heap, target, keeper)
  const write = (row: number, value: Scalar): void => writeAt(rows.at(row), value)
  const fed = new FedRows(rows, fill, target, pieces.memory)
  const form = rowsForm(fill.kept.fn)
  const { start, exclude } = fill.frame
  if (form.kind === 'folded' && start.kind === 'unbounded-preceding' && exclude === 'no-others') {
    return yield* foldForwards(rows, form, fed, pieces, write)
  }
  const made = form.kind === 'collected' ? form.made : undefined
  if (made !== undefined && made !== 'joined') requireRoom(rows, fed, pieces)
  const frames = made && fed.frameValues(env, made, arena, keeper)
  const copyValue = copier(rows, target, target)
  let known = 0
  let shape = ''
  let looked = 0
  for (let row = 0; row < rows.count; row++) {
    const count = fed.take(pieces, row)
    const own = `${rows.partitionStarts[row]} ${fed.runs}`
    if (row === 0 || own !== shape) {
      spend(ROW_STEPS * count)
      looked += count
      if (frames?.make(rows.at(row), fed.taken) !== true) {
        write(row, finishRows(form, fed.collected(count)))
      }
      ;[known, shape] = [row, own]
    } else copyValue(rows.at(known), rows.at(row))
    if (looked < ROWS_A_STEP && row % FILLED_ROWS_A_STEP !== 0) continue
    looked = 0
    yield
  }
}

/** Bytes that an element takes at least of an array or a document: a character, and one that parts it. */
const ELEMENT_BYTES_MIN = 2

/** Values of growing frames take room with the square of the rows: what cannot be is refused at once. */
function requireRoom(rows: ListedRows, fed: FedRows, { bounds, exclude }: FramePieces): void {
  if (exclude !== 'no-others') return
  const { starts, ends } = bounds
  let elements = 0
  for (let row = 0; row < rows.count; row++) {
    const [start, end] = [starts[row]!, ends[row]!]
    const isShared = row > 0 && start === starts[row - 1] && end === ends[row - 1]
    if (!isShared && start < end) elements += fed.before(end) - fed.before(start)
  }
  rows.heap.requireRoom(elements * ELEMENT_BYTES_MIN)
}

function* foldForwards(
  rows: ListedRows,
  form: FoldedForm,
  fed: FedRows,
  pieces: FramePieces,
  write: (row: number, value: Scalar) => void,
): Steps<void> {
  const state = new Float64Array(form.numbers)
  let added = 0
  for (let row = 0; row < rows.count; row++) {
    if (rows.partitionStarts[row] === row) {
      state.fill(0)
      added = fed.before(row)
    }
    const end = fed.before(pieces.bounds.ends[row]!)
    for (; added < end; added++) {
      form.step(state, fed.values(added))
      if (added % ROWS_A_STEP === 0) yield
    }
    write(row, form.finish(state))
    if (row % FILLED_ROWS_A_STEP === 0) yield
  }
}

/** The rows that an aggregate is fed: its filter holds, and no argument that it must have is NULL. */
class FedRows {
  readonly #rows: ListedRows
  readonly #memory: RowMemory
  readonly #fill: KeptFill
  readonly #result: RowField
  readonly #readers: readonly ((row: number) => Scalar)[]
  /** Rows by their number among those that are fed, and how many of these come before each row. */
  readonly #fed: Int32Array
  readonly #before: Int32Array
  #runs: Runs = []

  constructor(rows: ListedRows, fill: KeptFill, result: RowField, memory: RowMemory) {
    this.#rows = rows
    this.#memory = memory
    this.#fill = fill
    this.#result = result
    const { heap } = rows
    this.#readers = fill.args.map((field) => fieldReader(heap, rows.field(field)))
    const filter =
      fill.filter === undefined ? undefined : fieldReader(heap, rows.field(fill.filter))
    const required = fill.kept.required.map((arg) => this.#reader(arg))
    this.#fed = memory.words(rows.count)
    this.#before = memory.words(rows.count + 1)
    let count = 0
    for (let row = 0; row < rows.count; row++) {
      const at = rows.at(row)
      const isFed = filter === undefined || filter(at) === true
      if (isFed && required.every((read) => read(at) !== null)) this.#fed[count++] = row
      this.#before[row + 1] = count
    }
  }

  /** How many fed rows come before a row of the list. */
  before(row: number): number {
    return this.#before[row] ?? 0
  }

  /** The arguments of a fed row. */
  values(fed: number): readonly Scalar[] {
    const at = this.#rows.at(this.#fed[fed]!)
    return this.#readers.map((read) => read(at))
  }

  /** Takes the fed rows of a row's frame; returns how many there are. */
  take(pieces: FramePieces, row: number): number {
    const count = pieces.cut(row)
    this.#runs = Array.from({ length: count }, (_, run) => {
      return [this.before(pieces.runs[run * 2]!), this.before(pieces.runs[run * 2 + 1]!)] as const
    }).filter(([from, to]) => from < to)
    return this.#runs.reduce((total, [from, to]) => total + to - from, 0)
  }

  get taken(): Runs {
    return this.#runs
  }

  /** Makes values of the rows that are taken, as kernels do; undefined where these do not know the types. */
  frameValues(
    env: ThreadEnvironment,
    made: Collected,
    scratch: Arena,
    keeper: WideNumerics,
  ): FrameValues | undefined {
    const { layout } = this.#rows
    const args = this.#fill.args.map((field) => this.#rows.field(field))
    const making = { made, layout, args, target: this.#result }
    const kernels = kernelValues(env, scratch, making, keeper)
    if (kernels === undefined) return undefined
    const count = this.before(this.#rows.count)
    const addresses = this.#memory.words(count)
    for (let fed = 0; fed < count; fed++) addresses[fed] = this.#rows.at(this.#fed[fed]!)
    return new FrameValues(kernels, addresses, this.#memory)
  }

  /** The rows taken as a text: equal ones of one partition are the same rows. */
  get runs(): string {
    return this.#runs.join(' ')
  }

  collected(count: number): CollectedRows {
    const { kept } = this.#fill
    const types = this.#fill.args.map((field) => this.#rows.field(field).type)
    return {
      count,
      types,
      result: this.#result.type,
      value: (row, arg) => this.#reader(arg)(this.#at(row)),
      direct: (arg) =>
        kept.constants[arg] ?? (count === 0 ? undefined : this.#reader(arg)(this.#at(0))),
      copyBytes: (row, arg, target, place) => {
        const field = this.#rows.field(present(this.#fill.args[arg], 'argument of an aggregate'))
        return copyBytes(this.#rows.heap, field, this.#at(row), target, place)
      },
      startsAnew: () => assert(false, 'rows of a frame are not sorted') as never,
      compare: comparer({ types, order: [] }),
    }
  }

  #reader(arg: number): (row: number) => Scalar {
    return present(this.#readers[arg], 'argument of an aggregate')
  }

  /** The address of a row that was taken. */
  #at(taken: number): number {
    let left = taken
    for (const [from, to] of this.#runs) {
      if (left < to - from) return this.#rows.at(this.#fed[from + left]!)
      left -= to - from
    }
    return assert(false, 'a row beyond the frame') as never
  }
}
