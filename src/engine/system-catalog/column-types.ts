import { otherTypes, parameterType } from '../../data/binary/type-oids.ts'
import { arrayOf, oid, text, type DataType } from '../../data/types/data-type.ts'
import { isOtherName } from '../../data/types/declared-type.ts'
import type { Field } from '../../data/types/schema.ts'

/** What a column of a type of pg_type is to us; those that Heddle has not are texts under their names. */
export function columnTypeOf(typeOid: number): Pick<Field, 'type' | 'declared'> {
  for (const [name, [one, many]] of Object.entries(otherTypes)) {
    if (!isOtherName(name)) continue
    if (typeOid === one) return { type: numbers.has(name) ? oid : text, declared: name }
    if (typeOid === many && many !== 0) return { type: arrayOf({ kind: 'text' }), declared: name }
  }
  const type: DataType | undefined = parameterType(typeOid)
  return { type: type === undefined || type.kind === 'unknown' ? text : type }
}

const numbers: ReadonlySet<string> = new Set(['xid', 'cid'])
