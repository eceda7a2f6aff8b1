import { plainLocale } from '../../../src/data/types/datetime/locale.ts'
import {
  bool,
  date,
  decimal,
  float8,
  int4,
  text,
  timestamp,
} from '../../../src/data/types/data-type.ts'
import type { Catalog } from '../../../src/plan/catalog/catalog.ts'
import { addRelation } from '../../../src/plan/catalog/relations.ts'
import { newColumnIds } from '../../../src/plan/logical/build.ts'
import { verifyRelation } from '../../../src/plan/logical/verify.ts'
import { bindQuery } from '../../../src/plan/binder/bind.ts'
import type { BindContext, BoundQuery } from '../../../src/plan/binder/context.ts'
import { parseStatements } from '../../../src/sql/parse.ts'
import { emptyTable, tpchCatalog } from '../tpch-catalog.ts'
import { addType } from '../../../src/plan/catalog/types.ts'
import { weekday } from '../../functions/weekday.ts'
import { builtInFunctions } from '../../../src/functions/built-in.ts'

/** TPC-H, and two small tables with NULLs: t(a int, b text, ...) and u(a int, x double precision); weekday is an enum. */
export const testCatalog: Catalog = [
  emptyTable(
    't',
    [
      ['a', int4],
      ['b', text],
      ['c', decimal(10, 2)],
      ['d', date],
      ['f', bool],
      ['ts', timestamp],
    ],
    true,
  ),
  emptyTable(
    'u',
    [
      ['a', int4],
      ['x', float8],
      ['y', text],
    ],
    true,
  ),
].reduce(
  (catalog, table) => addRelation(catalog, table),
  addType(tpchCatalog, { kind: 'type', schema: 'public', name: 'weekday', type: weekday }),
)

export function bindContext(changes: Partial<BindContext> = {}): BindContext {
  return {
    functions: builtInFunctions,
    catalog: testCatalog,
    searchPath: ['public'],
    columnIds: newColumnIds(),
    beganMicros: () => 1_600_000_000_000_000n,
    locale: plainLocale,
    ...changes,
  }
}

/** Parses, binds and verifies one query. */
export function bindText(sql: string, changes: Partial<BindContext> = {}): BoundQuery {
  const [statement] = parseStatements(sql)
  if (statement?.kind !== 'select') throw new Error(`not a query: ${sql}`)
  const bound = bindQuery(statement, bindContext(changes))
  verifyRelation(bound.relation)
  return bound
}
