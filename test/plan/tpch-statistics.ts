import type { Catalog, TableEntry } from '../../src/plan/catalog/catalog.ts'
import type { ColumnStatistics } from '../../src/data/vectors/vector.ts'
import { tpchCatalog } from './tpch-catalog.ts'

const rows: Readonly<Record<string, number>> = {
  region: 5,
  nation: 25,
  supplier: 10_000,
  customer: 150_000,
  part: 200_000,
  partsupp: 800_000,
  orders: 1_500_000,
  lineitem: 6_001_215,
}

function days(text: string): number {
  return Date.parse(text) / 86_400_000
}

/** [min, max, distinct] of columns at scale factor 1, decimals unscaled, dates in days. */
const columns: Readonly<Record<string, readonly (number | undefined)[]>> = {
  r_regionkey: [0, 4, 5],
  r_name: [undefined, undefined, 5],
  n_nationkey: [0, 24, 25],
  n_name: [undefined, undefined, 25],
  n_regionkey: [0, 4, 5],
  s_suppkey: [1, 10_000, 10_000],
  s_nationkey: [0, 24, 25],
  c_custkey: [1, 150_000, 150_000],
  c_nationkey: [0, 24, 25],
  c_acctbal: [-99_999, 999_999, 140_187],
  c_mktsegment: [undefined, undefined, 5],
  p_partkey: [1, 200_000, 200_000],
  p_brand: [undefined, undefined, 25],
  p_type: [undefined, undefined, 150],
  p_size: [1, 50, 50],
  p_container: [undefined, undefined, 40],
  ps_partkey: [1, 200_000, 200_000],
  ps_suppkey: [1, 10_000, 10_000],
  ps_availqty: [1, 9_999, 9_999],
  ps_supplycost: [100, 100_000, 99_865],
  o_orderkey: [1, 6_000_000, 1_500_000],
  o_custkey: [1, 149_999, 99_996],
  o_orderstatus: [undefined, undefined, 3],
  o_orderdate: [days('1992-01-01'), days('1998-08-02'), 2_406],
  o_orderpriority: [undefined, undefined, 5],
  l_orderkey: [1, 6_000_000, 1_500_000],
  l_partkey: [1, 200_000, 200_000],
  l_suppkey: [1, 10_000, 10_000],
  l_quantity: [100, 5_000, 50],
  l_extendedprice: [90_100, 10_494_950, 933_900],
  l_discount: [0, 10, 11],
  l_tax: [0, 8, 9],
  l_returnflag: [undefined, undefined, 3],
  l_linestatus: [undefined, undefined, 2],
  l_shipdate: [days('1992-01-02'), days('1998-12-01'), 2_526],
  l_commitdate: [days('1992-01-31'), days('1998-10-31'), 2_466],
  l_receiptdate: [days('1992-01-04'), days('1998-12-31'), 2_554],
  l_shipinstruct: [undefined, undefined, 4],
  l_shipmode: [undefined, undefined, 7],
}

function statisticsOf(name: string): ColumnStatistics | undefined {
  const known = columns[name]
  if (known === undefined) return undefined
  const [min, max, distinct] = known
  const integer = (value: number | undefined) => (value === undefined ? value : BigInt(value))
  return { min: integer(min), max: integer(max), nullCount: 0, distinct, ascending: false }
}

function withStatistics(table: TableEntry): TableEntry {
  const statistics = {
    rows: rows[table.name] ?? 0,
    exact: true,
    columns: table.columns.map(({ name }) => statisticsOf(name)),
  }
  return { ...table, statistics }
}

/** TPC-H with the statistics of scale factor 1. */
export const tpchCatalogWithStatistics: Catalog = {
  ...tpchCatalog,
  relations: new Map(
    [...tpchCatalog.relations].map(([schema, entries]) => [
      schema,
      new Map(
        [...entries].map(([name, entry]) => [
          name,
          entry.kind === 'table' ? withStatistics(entry) : entry,
        ]),
      ),
    ]),
  ),
}
