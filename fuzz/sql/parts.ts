import type { Chooser } from '../chooser.ts'
import { expression, type Reference, type Scope } from './expressions.ts'
import { sql, type Piece } from './piece.ts'
import type { Kind } from './schema.ts'

/** What a function in FROM takes: a column of an outer relation, or a constant. */
function argument(
  choose: Chooser,
  outer: readonly Reference[],
  kind: Kind,
  constants: readonly string[],
): string {
  const columns = outer.filter((column) => column.kind === kind).map(({ text }) => text)
  return choose.pick([...columns, ...columns, ...constants])
}

const intArrays = [`'{3,1,NULL,1}'::int[]`, `'{}'::int[]`, `'{{1,2},{3,4}}'::int[]`, 'null::int[]']
const textArrays = [`'{a,NULL,"b c"}'::text[]`, `array['x','ab']`]
const documents = [`'{"a": 1, "b": [null, "x"], "c": "a"}'::jsonb`, `'[1, {"a": 2}, "x"]'::jsonb`]

/** A document where it is of a kind that a function takes, else NULL. */
function onlyOf(kind: 'array' | 'object', document: Piece | string): Piece {
  return sql`(case when jsonb_typeof(${document}) = '${kind}' then ${document} end)`
}

/** The rows that a function makes of an array, a document or a text. */
export function partsRelation(
  choose: Chooser,
  outer: readonly Reference[],
  alias: string,
): { readonly piece: Piece; readonly columns: readonly Reference[] } {
  const ints = argument(choose, outer, 'ints', intArrays)
  const texts = argument(choose, outer, 'texts', textArrays)
  const document = argument(choose, outer, 'jsonb', documents)
  const text = argument(choose, outer, 'text', [`'a,b,,a'`, `''`])
  const made = choose.pick<readonly [Piece, readonly (readonly [string, Kind])[]]>([
    [sql`unnest(${ints})`, [['p', 'int']]],
    [
      sql`unnest(${ints}, ${texts}) with ordinality`,
      [
        ['p', 'int'],
        ['q', 'text'],
        ['n', 'int'],
      ],
    ],
    [sql`string_to_table(${text}, 'a')`, [['p', 'text']]],
    [sql`jsonb_array_elements(${onlyOf('array', document)})`, [['p', 'jsonb']]],
    [
      sql`jsonb_each_text(${onlyOf('object', document)})`,
      [
        ['p', 'text'],
        ['q', 'text'],
      ],
    ],
  ])
  const [call, columns] = made
  const names = columns.map(([name]) => name).join(', ')
  return {
    piece: sql`lateral ${call} ${alias}(${names})`,
    columns: columns.map(([name, kind]) => ({ text: `${alias}.${name}`, kind })),
  }
}

/** A subquery over the parts of a value; undefined for kinds that none is made of. */
export function overParts(outer: Scope, kind: Kind): Piece | undefined {
  const { choose, columns } = outer
  const of = (wanted: Kind): Piece => expression({ choose, columns, depth: 1 }, wanted)
  switch (kind) {
    case 'int':
      return choose.pick([
        () => sql`(select max(y) from unnest(${of('ints')}) y)`,
        () => sql`(select count(*) from unnest(${of('ints')}) y where y > 1)`,
        () => sql`(select count(*) from jsonb_array_elements(${onlyOf('array', of('jsonb'))}))`,
      ])()
    case 'text':
      return choose.pick([
        () => sql`(select string_agg(y, '|' order by y) from unnest(${of('texts')}) y)`,
        () =>
          sql`(select string_agg(k || v, ',' order by k) from jsonb_each_text(${onlyOf('object', of('jsonb'))}) e(k, v))`,
      ])()
    case 'bool':
      return sql`(${of('int')} in (select y from unnest(${of('ints')}) y))`
    case 'ints':
      return sql`array(select y from unnest(${of('ints')}) y order by y desc nulls last)`
    case 'texts':
      return sql`array(select y from string_to_table(${of('text')}, 'a') y order by y)`
    case 'jsonb':
      return sql`(select jsonb_agg(y order by y) from unnest(${of('ints')}) y)`
    case 'numeric':
    case 'float':
    case 'date':
    case 'timestamp':
    case 'interval':
    case 'uuid':
      return undefined
  }
}
