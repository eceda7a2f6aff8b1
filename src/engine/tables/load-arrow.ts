import type { Table } from 'apache-arrow'
import { notSupported, QueryError } from '../../base/errors.ts'
import { finishSteps } from '../../base/steps.ts'
import { Arena } from '../../data/arenas/arena.ts'
import { fromArrowTable } from '../../data/arrow/from-arrow.ts'
import { readIpcStream } from '../../data/arrow/ipc.ts'
import { ChunkLease } from '../../data/vectors/chunk-lease.ts'
import { checkTexts } from '../../io/formats/arrow/texts.ts'
import { nameableNames } from '../../io/scan/unique-names.ts'
import type { TableEntry } from '../../plan/catalog/catalog.ts'
import { addRelation, placeRelation } from '../../plan/catalog/relations.ts'
import { storeSteps } from './memory-tables.ts'
import type { Engine } from '../process/engine.ts'
import type { StatementContext } from '../context/statement-context.ts'
import { randomTableId } from '../catalog/table-id.ts'

/**
 * Makes a table in memory from an Arrow table, or from the bytes of an Arrow IPC stream or file. Gives
 * the number of rows; equal names are numbered. Errors: DUPLICATE_TABLE, BAD_FILE,
 * FEATURE_NOT_SUPPORTED for nested columns.
 */
export function loadArrow(ctx: StatementContext, name: string, data: Table | Uint8Array): number {
  const { transaction, engine, catalog, searchPath } = ctx
  transaction.refuseIfReadOnly('COPY FROM')
  if (engine.dataFolder !== undefined && !transaction.inBlock) {
    throw notSupported('load into a data folder outside of BEGIN and COMMIT')
  }
  const place = placeRelation(catalog, { schema: undefined, name }, searchPath)
  const arena = new Arena(engine.heap)
  const { schema: own, chunks } = readInto(engine, arena, data)
  const names = nameableNames(own.map((field) => field.name))
  const schema = own.map((field, at) => ({ ...field, name: names[at] ?? '' }))
  const read = ctx.leases.add(new ChunkLease(chunks, () => arena.release()))
  const stored = finishSteps(storeSteps(ctx, read, schema))
  const entry: TableEntry = {
    kind: 'table',
    schema: place.schema,
    name: place.name,
    columns: schema,
    source: { kind: 'memory', id: randomTableId(), chunks: stored.chunks },
    statistics: stored.statistics,
  }
  void transaction.change({ apply: (root) => addRelation(root, entry) })
  return stored.rows
}

function readInto(
  engine: Engine,
  arena: Arena,
  data: Table | Uint8Array,
): ReturnType<typeof fromArrowTable> {
  try {
    const columns =
      data instanceof Uint8Array ? readIpcStream(arena, data) : fromArrowTable(arena, data)
    for (const chunk of columns.chunks) checkTexts(engine, chunk, columns.schema, 0)
    if (columns.schema.length > 0) return columns
    throw new QueryError('BAD_FILE', 'the Arrow data has no columns', {
      expected: 'an Arrow table, or the bytes of an Arrow IPC stream or file',
    })
  } catch (error) {
    arena.release()
    throw error
  }
}
