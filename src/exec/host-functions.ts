import { assert, present } from '../base/assert.ts'
import { contextWords } from '../compile/pipeline/context.ts'
import { evaluateCallOut } from '../compile/call-out.ts'
import type { CallOutStep } from '../compile/pipeline/pipeline.ts'
import { Arena } from '../data/arenas/arena.ts'
import { address, NO_ADDRESS, widestLayout, type Vector } from '../data/vectors/vector.ts'
import type { ColumnId } from '../plan/logical/expression.ts'
import { gatherColumn } from './gather.ts'
import { addPage, growDirectory } from './page-writer.ts'
import type { Instance, PipelineRun } from './pipeline-run.ts'
import { pruneRows } from './prune-rows.ts'
import { raiseError } from './raise-error.ts'

const TEXT_BYTES_MIN = 65_536
const KEEP_BYTES_MIN = 16_384
const KEEP_BYTES_MAX = 1_048_576

type Host = Readonly<Record<string, (...args: never[]) => unknown>>

/** What generated code may call of the thread that runs it (the import module `host`). */
export function hostFunctions(
  run: PipelineRun,
  instance: () => Instance,
): WebAssembly.Imports[string] {
  const { heap, kernels } = run.env
  const { u32 } = heap
  let textBytes = TEXT_BYTES_MIN / 2
  let keepBytes = KEEP_BYTES_MIN / 2
  const word = (offset: number): number => (instance().context + offset) >>> 2
  const host: Host = {
    raise(reason: number, index: number) {
      raiseError(reason, instance().loaded.compiled.blamed[index])
    },
    /** Another block for text of the batch; the cursor is set by the caller. */
    moreText(bytes: number) {
      textBytes = Math.max(textBytes * 2, bytes >>> 0)
      const block = run.work.allocate(textBytes)
      u32[word(contextWords.textBase)] = block
      u32[word(contextWords.textEnd)] = block + textBytes
      return block
    },
    moreKeep(bytes: number) {
      keepBytes = Math.min(keepBytes * 2, KEEP_BYTES_MAX)
      const size = Math.max(keepBytes, bytes >>> 0)
      const block = run.work.allocate(size)
      u32[word(contextWords.keepCursor)] = block
      u32[word(contextWords.keepEnd)] = block + size
    },
    newPage(writer: number) {
      addPage(run.work, present(run.writers[writer], 'writer of a page'))
    },
    growTable(table: number) {
      const writer = present(run.writers[table], 'writer of a table')
      const bound = run.isDense && table === 0 ? 'dense' : run.job.tableBound
      growDirectory(run.work, kernels, writer, bound)
    },
    reserveOutput(partition: number, rows: number) {
      return present(run.outputWriter, 'no output to reserve').reserve(partition, rows)
    },
    growOutputText(columnBlock: number, bytes: number) {
      present(run.outputWriter, 'no output to grow').growText(columnBlock >>> 0, bytes >>> 0)
    },
    takeLimit: (stage: number, rows: number) => takeLimit(run, instance(), stage, rows),
    checkpoint: (context: number) => run.checkpoint(context),
    pruneSort: () => pruneRows(run),
    ...callOutFunctions(run, instance),
  }
  return host
}

/** Rows to skip in the low half, rows to take in the high half. */
function takeLimit(run: PipelineRun, instance: Instance, stage: number, rows: number): bigint {
  const step = instance.loaded.compiled.stages[stage]
  assert(step?.kind === 'limit', 'limit of another step')
  const limit = present(run.job.limits[step.limitId], 'state of a limit')
  const start = Number(Atomics.add(run.env.heap.i64, limit.seen / 8, BigInt(rows)))
  const end = limit.limitRows === undefined ? Infinity : limit.offsetRows + limit.limitRows
  const from = Math.min(Math.max(limit.offsetRows, start), start + rows)
  const to = Math.max(from, Math.min(end, start + rows))
  if (start + rows >= end) run.done = true
  return (BigInt(to - from) << 32n) | BigInt(from - start)
}

function callOutFunctions(run: PipelineRun, instance: () => Instance): Host {
  const { heap } = run.env
  const arenas = new Map<number, Arena>()
  let allValid = NO_ADDRESS
  return {
    callOut(stage: number, first: number, rows: number) {
      const { compiled } = instance().loaded
      const step = compiled.stages[stage]
      assert(step?.kind === 'call-out', 'call-out of another step')
      const arena = new Arena(heap)
      arenas.set(stage, arena)
      const inputs = gatherInputs(run, instance(), arena, step, stage, first, rows)
      const vector = evaluateCallOut(heap, arena, step.expr, inputs, rows)
      assert(vector.layout === widestLayout(step.output.type), 'layout of a call-out')
      if (allValid === NO_ADDRESS) {
        allValid = run.work.allocate(128)
        heap.u8.fill(255, allValid, allValid + 128)
      }
      const validity = vector.validity === NO_ADDRESS ? allValid : vector.validity
      const source = present(compiled.added[stage], 'source of a call-out')
      run.bindColumns(instance(), source, [{ ...vector, validity }])
    },
    callOutDone(stage: number) {
      arenas.get(stage)?.release()
      arenas.delete(stage)
    },
    /** Frees what an error left behind. */
    callOutAbort() {
      for (const arena of arenas.values()) arena.release()
      arenas.clear()
    },
  }
}

function gatherInputs(
  run: PipelineRun,
  instance: Instance,
  arena: Arena,
  step: CallOutStep,
  stage: number,
  first: number,
  rows: number,
): ReadonlyMap<ColumnId, Vector> {
  const { compiled } = instance.loaded
  const inputs = new Map<ColumnId, Vector>()
  for (const { id } of step.inputs) {
    const place = present(compiled.places.get(id), 'input of a call-out')
    const source = present(compiled.sources[place.source], 'source of an input')
    const ids = rowIds(run, instance, stage, place.source, first, rows)
    const vectors = instance.vectors.get(place.source)
    inputs.set(id, gatherColumn(arena, source, place, vectors, ids))
  }
  return inputs
}

/** The ids of a source's rows in the batch that reached a stage. */
function rowIds(
  run: PipelineRun,
  instance: Instance,
  stage: number,
  source: number,
  first: number,
  rows: number,
): readonly number[] {
  const { u32 } = run.env.heap
  const numbers = Array.from({ length: rows }, (_, row) => row)
  const offset = instance.loaded.compiled.given[stage]?.get(source)
  if (offset !== undefined) {
    const word = (instance.context + offset) >>> 2
    return numbers.map((row) => u32[word + row] ?? 0)
  }
  const driver = run.pipeline.source
  if (stage > 0 || driver.kind === 'chunks') return numbers.map((row) => first + row)
  const base = address(u32[(instance.context + contextWords.driver) >>> 2] ?? 0)
  if (driver.kind === 'sorted') {
    return numbers.map((row) => u32[(base >>> 2) + first + row] ?? 0)
  }
  return numbers.map((row) => base + (first + row) * driver.layout.rowBytes)
}
