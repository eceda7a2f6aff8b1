import type { TypeKind } from '../data/types/data-type.ts'

/** Types that `min` and `max` take: whose values have an order that is more than a convention. */
export const orderedKinds: readonly TypeKind[] = [
  'int2',
  'int4',
  'int8',
  'float4',
  'float8',
  'decimal',
  'numeric',
  'date',
  'time',
  'timestamp',
  'timestamptz',
  'interval',
  'text',
  'array',
  'bpchar',
  'timetz',
  'oid',
  'enum',
]
