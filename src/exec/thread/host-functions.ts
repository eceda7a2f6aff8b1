import { assert, present } from '../../base/assert.ts'
import { checkBudget } from '../../base/budget.ts'
import { contextWords } from '../../compile/model/context.ts'
import { ModuleBuilder } from '../../wasm/assembler/module-builder.ts'
import {
  defineHostEntry,
  hostCallNames,
  type HostCall,
} from '../../compile/wasm/scope/host-calls.ts'
import {
  evaluateByEntry,
  evaluateCallOut,
  fillOf,
  fillVector,
  isByEntry,
} from '../../compile/expressions/call-out.ts'
import type { CallOutStep } from '../../compile/model/pipeline.ts'
import type { CompiledPipeline } from '../../compile/wasm/compile-pipeline.ts'
import { Arena } from '../../data/arenas/arena.ts'
import type { Heap } from '../../data/arenas/heap.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import {
  address,
  NO_ADDRESS,
  widestLayout,
  type Address,
  type Vector,
} from '../../data/vectors/vector.ts'
import { WideNumerics, type BytesKeeper } from '../../data/vectors/numeric-slots.ts'
import { checkBytes } from '../../functions/text/bounds.ts'
import type { ColumnId } from '../../plan/logical/expression.ts'
import { placedSource, decidePair } from './decide-pair.ts'
import { evaluateEntry, growEntryTexts, type EntryTable } from './decide-entries.ts'
import { evaluateHere } from './evaluate-here.ts'
import { columnReader, gatherCodes } from '../rows/gather.ts'
import { addSquareToSum, addToSum } from '../rows/numeric-sums.ts'
import { addPage, growDirectory } from '../rows/page-writer.ts'
import type { CalledOutBatch, HostState, Instance } from './run-state.ts'
import type { RunState } from './run-state.ts'
import { pruneRows } from './prune-rows.ts'
import { raiseError } from '../jobs/raise-error.ts'
import type { ThreadEnvironment } from '../jobs/thread.ts'

const TEXT_BYTES_MIN = 65_536
const TEXT_BYTES_MAX = 16_777_216
const KEEP_BYTES_MIN = 16_384
const KEEP_BYTES_MAX = 1_048_576

type HostFunction = (first: number, second: number, third: number) => number | void

/** What the functions of a thread work for at the moment. */
interface Active {
  run: RunState | undefined
  instance: Instance | undefined
}

export interface Host {
  readonly active: Active
  /** What the table `env.host` of every module holds. */
  readonly entry: WebAssembly.ExportValue
}

export function createHostState(): HostState {
  return {
    textBytes: TEXT_BYTES_MIN / 2,
    keepBytes: KEEP_BYTES_MIN / 2,
    allValid: NO_ADDRESS,
    wideNumerics: undefined,
    texts: new Map(),
    entryTexts: new Set(),
    callOuts: new Map(),
    batches: new Map(),
  }
}

/** What generated code may call of the thread that runs it. */
export function createHost(env: ThreadEnvironment): Host {
  const { heap, kernels } = env
  const active: Active = { run: undefined, instance: undefined }
  const current = (): RunState => present(active.run, 'no run')
  const instance = (): Instance => present(active.instance, 'no instance runs')
  const word = (offset: number): number => (instance().context + offset) >>> 2
  const entryTable = (number: number): EntryTable =>
    present(instance().entryValues[number], 'table of values')
  const functions: Readonly<Record<HostCall, HostFunction>> = {
    raise(reason: number, index: number) {
      const { loaded, side } = instance()
      raiseError(reason, side.origins[loaded.compiled.blamed[index] ?? -1])
    },
    ...textCalls(env.heap, active),
    newPage(writer: number) {
      const { work, writers } = current()
      addPage(work, present(writers[writer], 'writer of a page'))
    },
    growTable(table: number) {
      const { work, writers, isDense, tableBound } = current()
      const bound = isDense && table === 0 ? 'dense' : tableBound
      growDirectory(work, kernels, present(writers[table], 'writer of a table'), bound)
    },
    reserveOutput(partition: number, rows: number) {
      return present(current().outputWriter, 'no output to reserve').reserve(partition, rows)
    },
    growOutputText(columnBlock: number, bytes: number) {
      const writer = present(current().outputWriter, 'no output to grow')
      writer.growText(columnBlock >>> 0, bytes >>> 0)
    },
    addNumeric: (sum: number, addend: number) =>
      addToSum(heap, sum >>> 0, addend >>> 0, () => wideNumerics(current())),
    addNumericSquare: (sum: number, addend: number) =>
      addSquareToSum(heap, sum >>> 0, addend >>> 0, () => wideNumerics(current())),
    keepOutputNumeric(slot: number) {
      present(current().outputWriter, 'no output to keep a numeric').keepNumeric(slot >>> 0)
    },
    takeLimit: (leg: number, rows: number) => takeLimit(current(), leg, rows),
    checkpoint: (context: number) => current().checkpoint(context),
    pruneSort: () => pruneRows(current()),
    callOut: (leg: number, first: number, rows: number) =>
      callOut(current(), instance(), leg, first, rows),
    callOutDone(leg: number) {
      const { callOuts } = current().host
      callOuts.get(leg)?.release()
      callOuts.delete(leg)
    },
    evaluateHere: (number) =>
      evaluateHere(heap, instance(), number, batchKeeper(heap, word, functions.moreText)),
    evaluateEntry: (number, slot) => evaluateEntry(heap, entryTable(number), slot),
    moreEntryText: (number, bytes) => growEntryTexts(heap, entryTable(number), bytes >>> 0),
    decidePair: (number) => decidePair(current(), instance(), number),
  }
  return { active, entry: entryOf(env, functions) }
}

/** Room for text. */
function textCalls(
  heap: Heap,
  active: Active,
): Readonly<Record<'moreText' | 'moreKeep', HostFunction>> {
  const { u32 } = heap
  const current = (): RunState => present(active.run, 'no run')
  const instance = (): Instance => present(active.instance, 'no instance runs')
  const word = (offset: number): number => (instance().context + offset) >>> 2
  return {
    /** Another block for text of the batch; the cursor is set by the caller. */
    moreText(bytes: number) {
      const { host } = current()
      checkBytes(bytes >>> 0)
      // Long texts of one batch take long.
      checkBudget()
      host.textBytes = Math.max(Math.min(host.textBytes * 2, TEXT_BYTES_MAX), bytes >>> 0)
      const isFirst = u32[word(contextWords.textGrown)] === 0
      const block = moreOf(heap, host, instance().context, isFirst).allocate(host.textBytes)
      u32[word(contextWords.textGrown)] = 1
      u32[word(contextWords.textBase)] = block
      u32[word(contextWords.textEnd)] = block + host.textBytes
      return block
    },
    moreKeep(bytes: number) {
      const { work, host } = current()
      host.keepBytes = Math.min(host.keepBytes * 2, KEEP_BYTES_MAX)
      const size = Math.max(host.keepBytes, bytes >>> 0)
      const block = work.allocate(size)
      u32[word(contextWords.keepCursor)] = block
      u32[word(contextWords.keepEnd)] = block + size
    },
  }
}

/**
 * Where a context's text goes on. A batch begins in the block that the one before it ended in, so what is
 * older than that is given back when a batch grows for the first time.
 */
function moreOf(heap: Heap, { texts }: HostState, context: Address, isFirst: boolean): Arena {
  const [now, before] = texts.get(context) ?? []
  if (now !== undefined && !isFirst) return now
  before?.release()
  const next = new Arena(heap)
  texts.set(context, now === undefined ? [next] : [next, now])
  return next
}

/** Room for bytes that live as long as the batch. */
function batchKeeper(
  { u32 }: Heap,
  word: (offset: number) => number,
  moreText: HostFunction,
): BytesKeeper {
  return {
    allocate(bytes) {
      const [cursor, end] = [word(contextWords.textCursor), word(contextWords.textEnd)]
      const start = u32[cursor] ?? 0
      const isFull = (u32[end] ?? 0) - start < bytes
      const taken = isFull ? Number(moreText(bytes, 0, 0)) : start
      u32[cursor] = taken + bytes
      return address(taken)
    },
  }
}

/** A function of generated code, which tables can hold, that calls the numbered ones. */
function entryOf(
  { heap }: ThreadEnvironment,
  functions: Readonly<Record<HostCall, HostFunction>>,
): WebAssembly.ExportValue {
  const numbered = hostCallNames.map((name) => functions[name])
  const call = (first: number, second: number, third: number, name: number): number =>
    present(numbered[name], 'function of the thread')(first, second, third) ?? 0
  const builder = new ModuleBuilder(heap.pages)
  defineHostEntry(builder)
  const bytes = builder.finish() as Uint8Array<ArrayBuffer>
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), {
    env: { memory: heap.memory },
    host: { call },
  })
  return present(exports['call'], 'entry of the thread')
}

function wideNumerics({ host, work }: RunState): WideNumerics {
  host.wideNumerics ??= new WideNumerics(work)
  return host.wideNumerics
}

/** Rows to skip in the low 16 bits, rows to take in the others; batches have 1024 rows at most. */
function takeLimit(run: RunState, leg: number, rows: number): number {
  const step = run.legs[leg]
  assert(step?.kind === 'limit', 'limit of another step')
  const limit = present(run.limits[step.limitId], 'state of a limit')
  const { from, to } = run.takeLimit(limit, rows)
  return ((to - from) << 16) | from
}

function callOut(
  run: RunState,
  instance: Instance,
  leg: number,
  first: number,
  rows: number,
): void {
  const { heap } = run.env
  const { host } = run
  const step = run.legs[leg]
  assert(step?.kind === 'call-out', 'call-out of another step')
  const arena = new Arena(heap)
  host.callOuts.set(leg, arena)
  const vector = evaluateStep(run, instance, arena, step, leg, first, rows)
  assert(vector.layout === widestLayout(step.output.type), 'layout of a call-out')
  if (host.allValid === NO_ADDRESS) {
    host.allValid = run.work.allocate(128)
    heap.u8.fill(255, host.allValid, host.allValid + 128)
  }
  const validity = vector.validity === NO_ADDRESS ? host.allValid : vector.validity
  const source = present(instance.loaded.compiled.added[leg], 'source of a call-out')
  run.bindColumns(instance, source, [{ ...vector, validity }])
}

function evaluateStep(
  run: RunState,
  instance: Instance,
  arena: Arena,
  step: CallOutStep,
  leg: number,
  first: number,
  rows: number,
): Vector {
  const { heap } = run.env
  const { compiled } = instance.loaded
  const canonical = compiled.legs[leg]
  assert(canonical?.kind === 'call-out', 'call-out of another module')
  const batch = batchOf(run.host, compiled.legs, leg)
  const fill = fillOf(step.expr)
  if (fill !== undefined) return fillVector(arena, step.output.type, run.env.kernels, fill, rows)
  const idsOf = (source: number): readonly number[] => {
    const known = batch.ids.get(source)
    if (known !== undefined) return known
    const ids = rowIds(run, instance, leg, source, first, rows)
    batch.ids.set(source, ids)
    return ids
  }
  const columns = new Map<ColumnId, readonly Scalar[]>()
  for (const [position, { id }] of step.inputs.entries()) {
    const number = present(canonical.inputs[position], 'input of a call-out').id
    const place = present(compiled.places.get(number), 'place of an input')
    const placed = placedSource(run, instance, place.source)
    if (isByEntry(step.expr, step.inputs.length)) {
      const codes = gatherCodes(arena, placed, place, idsOf(place.source))
      if (codes !== undefined) return evaluateByEntry(heap, arena, step.expr, codes, rows)
    }
    let values = batch.columns.get(number)
    if (values === undefined) {
      values = idsOf(place.source).map(columnReader(heap, placed, place))
      batch.columns.set(number, values)
    }
    columns.set(id, values)
  }
  return evaluateCallOut(arena, step.expr, columns, rows)
}

/**
 * What was read of the rows that are in the call-outs behind one another from a leg on. `legs` are the compiled
 * ones: what is computed entry by entry there is no call-out, and would never say that a batch begins.
 */
function batchOf(host: HostState, legs: CompiledPipeline['legs'], leg: number): CalledOutBatch {
  let begin = leg
  while (legs[begin - 1]?.kind === 'call-out') begin--
  let batch = host.batches.get(begin)
  // The first of them is called once for each batch, before the others.
  if (batch === undefined || begin === leg) {
    batch = { ids: new Map(), columns: new Map() }
    host.batches.set(begin, batch)
  }
  return batch
}

/** The ids of a source's rows in the batch that reached a leg. */
function rowIds(
  run: RunState,
  instance: Instance,
  leg: number,
  source: number,
  first: number,
  rows: number,
): readonly number[] {
  const { u32 } = run.env.heap
  const numbers = Array.from({ length: rows }, (_, row) => row)
  const offset = instance.loaded.compiled.given[leg]?.get(source)
  if (offset !== undefined) {
    const word = (instance.context + offset) >>> 2
    return numbers.map((row) => u32[word + row] ?? 0)
  }
  const driver = run.pipeline.source
  if (leg > 0 || driver.kind === 'chunks') return numbers.map((row) => first + row)
  const base = address(u32[(instance.context + contextWords.driver) >>> 2] ?? 0)
  if (driver.kind === 'sorted') {
    return numbers.map((row) => u32[(base >>> 2) + first + row] ?? 0)
  }
  return numbers.map((row) => base + (first + row) * driver.layout.rowBytes)
}
