import { date, decimal, int4, int8, text } from '../../src/data/types/data-type.ts'
import type { DataType } from '../../src/data/types/data-type.ts'
import type { Catalog, TableEntry } from '../../src/plan/catalog/catalog.ts'
import { addRelation } from '../../src/plan/catalog/relations.ts'
import { emptyCatalog } from '../../src/plan/catalog/schemas.ts'

const money = decimal(15, 2)

const tables: Readonly<Record<string, readonly (readonly [string, DataType])[]>> = {
  region: [
    ['r_regionkey', int4],
    ['r_name', text],
    ['r_comment', text],
  ],
  nation: [
    ['n_nationkey', int4],
    ['n_name', text],
    ['n_regionkey', int4],
    ['n_comment', text],
  ],
  supplier: [
    ['s_suppkey', int8],
    ['s_name', text],
    ['s_address', text],
    ['s_nationkey', int4],
    ['s_phone', text],
    ['s_acctbal', money],
    ['s_comment', text],
  ],
  customer: [
    ['c_custkey', int8],
    ['c_name', text],
    ['c_address', text],
    ['c_nationkey', int4],
    ['c_phone', text],
    ['c_acctbal', money],
    ['c_mktsegment', text],
    ['c_comment', text],
  ],
  part: [
    ['p_partkey', int8],
    ['p_name', text],
    ['p_mfgr', text],
    ['p_brand', text],
    ['p_type', text],
    ['p_size', int4],
    ['p_container', text],
    ['p_retailprice', money],
    ['p_comment', text],
  ],
  partsupp: [
    ['ps_partkey', int8],
    ['ps_suppkey', int8],
    ['ps_availqty', int4],
    ['ps_supplycost', money],
    ['ps_comment', text],
  ],
  orders: [
    ['o_orderkey', int8],
    ['o_custkey', int8],
    ['o_orderstatus', text],
    ['o_totalprice', money],
    ['o_orderdate', date],
    ['o_orderpriority', text],
    ['o_clerk', text],
    ['o_shippriority', int4],
    ['o_comment', text],
  ],
  lineitem: [
    ['l_orderkey', int8],
    ['l_partkey', int8],
    ['l_suppkey', int8],
    ['l_linenumber', int4],
    ['l_quantity', money],
    ['l_extendedprice', money],
    ['l_discount', money],
    ['l_tax', money],
    ['l_returnflag', text],
    ['l_linestatus', text],
    ['l_shipdate', date],
    ['l_commitdate', date],
    ['l_receiptdate', date],
    ['l_shipinstruct', text],
    ['l_shipmode', text],
    ['l_comment', text],
  ],
}

/** A table without rows. */
export function emptyTable(
  name: string,
  columns: readonly (readonly [string, DataType])[],
  nullable = false,
): TableEntry {
  return {
    kind: 'table',
    schema: 'public',
    name,
    columns: columns.map(([column, type]) => ({ name: column, type, nullable })),
    source: { kind: 'memory', id: name, chunks: [] },
    statistics: { rows: 0, exact: true, columns: columns.map(() => undefined) },
  }
}

/** The eight tables of TPC-H, without rows. */
export const tpchCatalog: Catalog = Object.entries(tables).reduce(
  (catalog, [name, columns]) => addRelation(catalog, emptyTable(name, columns)),
  emptyCatalog,
)
