import { expect, test } from 'vitest'
import { functionCases } from '../../bench/functions/cases.ts'
import { columns } from '../../bench/functions/columns.ts'
import { withoutPeer } from '../../bench/functions/nested.ts'
import { int8 } from '../../src/data/types/data-type.ts'
import { builtInFunctions } from '../../src/functions/built-in.ts'
import { addRelation } from '../../src/plan/catalog/relations.ts'
import { bindText, testCatalog } from '../plan/binder/binding.ts'
import { entriesIn } from '../plan/binder/entries-in.ts'
import { emptyTable } from '../plan/tpch-catalog.ts'

const numbers = addRelation(testCatalog, emptyTable('numbers', [['n', int8]], true))
const { relation } = bindText(
  `select ${Object.entries(columns)
    .map(([name, { made }]) => `${made} as ${name}`)
    .join(', ')} from numbers`,
  { catalog: numbers },
)
const measured = emptyTable(
  'measured',
  relation.columns.map(({ name, type }) => [name, type] as const),
  true,
)
const catalog = addRelation(testCatalog, measured)

const called = new Map(
  functionCases.map(({ name, ours }) => [
    name,
    entriesIn(`select ${ours} from measured`, { catalog }).map((entry) => entry.name),
  ]),
)

test('every function of the catalogue is timed, or said to have no peer', () => {
  const timed = new Set([...called.values()].flat())
  const alone = new Set(Object.values(withoutPeer).flatMap((names) => names.split(' ')))
  const names = builtInFunctions.scalar.names.filter((name) => !name.endsWith('_final'))
  expect(names.filter((name) => !timed.has(name) && !alone.has(name))).toEqual([])
  expect([...alone].filter((name) => timed.has(name) || !names.includes(name))).toEqual([])
})

test('no two cases have a name in common, and there are many', () => {
  const names = functionCases.map(({ name }) => name)
  expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([])
  expect(names.length).toBeGreaterThan(250)
})
