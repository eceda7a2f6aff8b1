import type { Scalar } from '../../data/types/scalar.ts'
import type { Field } from '../../data/types/schema.ts'
import { storable } from '../../functions/text/limits.ts'
import type { Binder } from '../../plan/binder/context.ts'
import { withinLimits } from '../../plan/binder/changes/stored-value.ts'
import { columnReference } from '../../plan/logical/build.ts'
import { evaluate } from '../../plan/logical/evaluate.ts'
import type { OutputColumn } from '../../plan/logical/relation.ts'

/** A value, which is not NULL, as a column keeps it. Errors: those of a declared length or number of digits. */
export type KeptValue = (value: Scalar) => Scalar

/**
 * What columns of varchar(n), bit(n), numeric(p, s), timestamp(p) and the like keep of the values that they are given;
 * `read`: the same columns as a relation has them.
 */
export function keptValues(
  binder: Binder,
  fields: readonly Field[],
  read: readonly OutputColumn[],
): readonly KeptValue[] {
  return fields.map((field, at): KeptValue => {
    const { lengthLimit, type } = field
    if (lengthLimit?.type === 'varchar' && type.kind !== 'array') {
      const { charactersMax } = lengthLimit
      return (value) => {
        const text = String(value)
        return text.length <= charactersMax ? text : storable(text, charactersMax)
      }
    }
    const column = columnReference(read[at]!)
    const limited = withinLimits(binder, column, field)
    return limited === column ? (value) => value : (value) => evaluate(limited, () => value)
  })
}
