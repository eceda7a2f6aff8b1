import { sameType, type DataType } from '../data/types/data-type.ts'

/** Values of one enum type (anyenum in PostgreSQL): what is of no type yet becomes one. */
export function sameEnums(types: readonly DataType[]): readonly DataType[] | undefined {
  const first = types.find(({ kind }) => kind === 'enum')
  if (first === undefined) return undefined
  const fits = types.every((type) => type.kind === 'unknown' || sameType(type, first))
  return fits ? types.map(() => first) : undefined
}
