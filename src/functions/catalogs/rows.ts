import { readArrayText } from '../../data/types/array-text.ts'
import { bool, int4, oid, regOf, text } from '../../data/types/data-type.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { elementPlace, readArray } from '../array-elements.ts'
import { tableFunction } from '../define.ts'
import type { RowOfFunction, TableFunction } from '../function.ts'

/** Words of privileges by the letters that access lists have for them. */
const privileges: Readonly<Record<string, string>> = {
  a: 'INSERT',
  r: 'SELECT',
  w: 'UPDATE',
  d: 'DELETE',
  D: 'TRUNCATE',
  x: 'REFERENCES',
  t: 'TRIGGER',
  X: 'EXECUTE',
  U: 'USAGE',
  C: 'CREATE',
  T: 'TEMPORARY',
  c: 'CONNECT',
}

const PUBLIC = 0n

/** `10=arw/10`: grantee, what he may do (`*`: and grant), grantor. */
function* explode([list = null]: readonly Scalar[]): Generator<RowOfFunction> {
  for (const item of readArrayText(String(list)).elements) {
    const [, grantee = '', letters = '', grantor = ''] =
      /^(\d*)=([a-zA-Z*]*)\/(\d+)$/.exec(item ?? '') ?? []
    for (const [, letter = '', grants] of letters.matchAll(/([a-zA-Z])(\*?)/g)) {
      const to = grantee === '' ? PUBLIC : BigInt(grantee)
      yield [BigInt(grantor), to, privileges[letter] ?? null, grants === '*']
    }
  }
}

/** Functions over parts of the catalogs. */
export const catalogRows: readonly TableFunction[] = [
  tableFunction({
    name: '_pg_expandarray',
    args: ['array'],
    returns: elementPlace,
    columns: [
      { name: 'x', type: int4 },
      { name: 'n', type: int4 },
    ],
    doc: 'The elements of an array and their places in it, from 1.',
    example: "n from _pg_expandarray('{7,8}'::int[]) -- 1, 2",
    rows: ([array = null], [type]) =>
      readArray(array, type).elements.map((element, at) => [element, at + 1]),
    rowsOf: () => 10,
  }),
  tableFunction({
    name: 'aclexplode',
    args: ['array'],
    returns: oid,
    columns: [
      { name: 'grantor', type: oid },
      { name: 'grantee', type: oid },
      { name: 'privilege_type', type: text },
      { name: 'is_grantable', type: bool },
    ],
    doc: 'What an access list allows, a row for each privilege of each user.',
    example: "privilege_type from aclexplode(acldefault('s', 10)) -- SELECT, UPDATE, USAGE",
    rows: explode,
    rowsOf: () => 7,
  }),
  tableFunction({
    name: 'pg_options_to_table',
    args: ['array'],
    returns: text,
    columns: [
      { name: 'option_name', type: text },
      { name: 'option_value', type: text },
    ],
    doc: 'Options of objects, which are written `name=value`, as rows.',
    example: "option_value from pg_options_to_table('{a=1,b=2}'::text[]) -- 1, 2",
    rows: ([list = null]) =>
      readArrayText(String(list)).elements.map((item) => {
        const [name = '', ...value] = String(item).split('=')
        return [name, value.length === 0 ? null : value.join('=')]
      }),
    rowsOf: () => 1,
  }),
  tableFunction({
    name: 'pg_partition_ancestors',
    args: ['oid'],
    returns: regOf('regclass'),
    doc: 'The tables that a partition is a part of: there are no partitions.',
    example: 'count(*) from pg_partition_ancestors(1) -- 0',
    rows: () => [],
    rowsOf: () => 0,
  }),
]
