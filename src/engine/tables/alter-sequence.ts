import { QueryError } from '../../base/errors.ts'
import type { CatalogEntry, SequenceEntry, SequenceNumbers } from '../../plan/catalog/catalog.ts'
import { overtaken } from '../../plan/catalog/indexes.ts'
import { addRelation } from '../../plan/catalog/relations.ts'
import { numbersFrom } from '../../plan/catalog/sequences.ts'
import type { SequenceOption } from '../../sql/ast/definition.ts'
import type { StatementContext } from '../context/statement-context.ts'
import { ownerOf } from './owned-sequences.ts'
import { settledOptions } from './sequence-options.ts'

/** ALTER SEQUENCE s options. Errors: WRONG_OBJECT_TYPE; those of options. */
export async function alterSequence(
  ctx: StatementContext,
  entry: CatalogEntry,
  { options: written }: { readonly options: readonly SequenceOption[] },
): Promise<void> {
  if (entry.kind !== 'sequence') {
    throw new QueryError('WRONG_OBJECT_TYPE', `"${entry.name}" is not a sequence`)
  }
  const owner = ownerOf(ctx, written, entry.schema)
  if (owner !== undefined && entry.owner?.isIdentity === true) {
    const { name: table } = entry.owner
    throw new QueryError('FEATURE_NOT_SUPPORTED', 'cannot change ownership of identity sequence', {
      detail: `Sequence "${entry.name}" is linked to table "${table}".`,
    })
  }
  let anew: SequenceNumbers | undefined
  await ctx.transaction.change({
    apply(catalog) {
      const now = catalog.relations.get(entry.schema)?.get(entry.name)
      if (now?.kind !== 'sequence' || now.id !== entry.id) throw overtaken()
      const { owner: before, ...altered } = alteredSequence(now, written)
      // Made once: what is taken of them before the transaction commits stays taken.
      if (altered.numbers !== now.numbers) anew ??= altered.numbers
      const others = { ...altered, numbers: anew ?? altered.numbers }
      const after = owner === undefined ? before : owner
      return addRelation(catalog, { ...others, ...(after && { owner: after }) }, 'replace')
    },
  })
}

/** A sequence with other options. Errors: those of {@link settledOptions}. */
export function alteredSequence(
  entry: SequenceEntry,
  written: readonly SequenceOption[],
): SequenceEntry {
  const { options, restart } = settledOptions(written, entry.options)
  const { last } = entry.numbers
  if (restart === undefined && (last < options.min || last > options.max)) {
    const [word, bound] =
      last < options.min
        ? ['less than MINVALUE', options.min]
        : ['greater than MAXVALUE', options.max]
    const message = `RESTART value (${last}) cannot be ${word} (${bound})`
    throw new QueryError('INVALID_PARAMETER_VALUE', message)
  }
  return { ...entry, options, ...(restart !== undefined && { numbers: numbersFrom(restart) }) }
}
