import type { SequenceEntry } from '../../plan/catalog/catalog.ts'
import { numbersFrom, sequenceColumns } from '../../plan/catalog/sequences.ts'
import type { CreateSequenceStatement } from '../../sql/ast/definition.ts'
import { randomTableId } from '../catalog/table-id.ts'
import type { StatementContext } from '../context/statement-context.ts'
import { QueryResult, skipped } from '../results/result.ts'
import { ownerOf } from '../tables/owned-sequences.ts'
import { addPlaced, placeNew } from '../tables/placement.ts'
import { settledOptions } from '../tables/sequence-options.ts'
import { noShape, type StatementEntry } from './entry.ts'

/** CREATE SEQUENCE. */
export const createSequenceEntry: StatementEntry<CreateSequenceStatement> = {
  tag: () => 'CREATE SEQUENCE',
  looks: () => true,
  writes: 'yes',
  describe: () => noShape,
  run: createSequence,
}

async function createSequence(
  ctx: StatementContext,
  statement: CreateSequenceStatement,
): Promise<QueryResult> {
  const { temporary, ifNotExists } = statement
  const onConflict = ifNotExists ? 'keep' : 'error'
  const place = placeNew(ctx, statement.name, { temporary, onConflict })
  if (place.taken) return QueryResult.ofCommand('CREATE SEQUENCE', 0, [skipped(place.name)])
  const { options, restart } = settledOptions(statement.options)
  const owner = ownerOf(ctx, statement.options, place.schema)
  const entry: SequenceEntry = {
    kind: 'sequence',
    schema: place.schema,
    name: place.name,
    columns: sequenceColumns,
    id: randomTableId(),
    options,
    numbers: numbersFrom(restart ?? options.start),
    ...(owner && { owner }),
  }
  await ctx.transaction.change({ apply: (catalog) => addPlaced(catalog, entry, onConflict) })
  return QueryResult.ofCommand('CREATE SEQUENCE')
}
