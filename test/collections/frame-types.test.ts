import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { QueryError } from '../../src/base/errors.ts'
import {
  bool,
  bytea,
  date,
  decimal,
  float4,
  float8,
  int2,
  int4,
  int8,
  interval,
  numeric,
  text,
  time,
  timestamp,
  timestamptz,
  typeName,
  type DataType,
} from '../../src/data/types/data-type.ts'
import { exactDigits } from '../../src/data/types/digit-budget.ts'
import { catalogFunctions } from '../../src/functions/catalogs/functions.ts'
import { builtInFunctions } from '../../src/functions/built-in.ts'
import { aggregate } from '../../src/collections/dataframe/aggregate.ts'
import { call, col, lit, when, type Column } from '../../src/collections/dataframe/expression.ts'
import { resolve, resolveAggregateCall } from '../../src/collections/dataframe/resolve.ts'
import { addRelation } from '../../src/plan/catalog/relations.ts'
import { newColumnIds } from '../../src/plan/logical/build.ts'
import { bindQuery } from '../../src/plan/binder/bind.ts'
import { parseStatements } from '../../src/sql/parse.ts'
import { emptyTable, tpchCatalog } from '../plan/tpch-catalog.ts'
import { bindContext } from '../plan/binder/binding.ts'

const columns: readonly (readonly [string, DataType])[] = [
  ['s', int2],
  ['i', int4],
  ['b', int8],
  ['d', decimal(10, 2)],
  ['w', decimal(30, 4)],
  ['n', numeric],
  ['r', float4],
  ['f', float8],
  ['t', text],
  ['y', bytea],
  ['o', bool],
  ['da', date],
  ['ti', time],
  ['ts', timestamp],
  ['tz', timestamptz],
  ['iv', interval],
]

const catalog = addRelation(tpchCatalog, emptyTable('every', columns, true))
const inputs = columns.map(([name, type], at) => {
  return { id: newColumnIds(at + 1).next(), name, type, nullable: true }
})
const typing = () => ({ functions: builtInFunctions, digits: exactDigits, parameters: [] })

/** The type of an expression, or the message of its error. */
function outcome(type: () => DataType): string {
  try {
    return typeName(type())
  } catch (error) {
    if (!(error instanceof QueryError)) throw error
    return error.message
  }
}

function inSql(expr: string): string {
  return outcome(() => {
    const [statement] = parseStatements(`select ${expr} from every`)
    if (statement?.kind !== 'select') throw new Error(`not a query: ${expr}`)
    const context = bindContext({ catalog, digits: exactDigits })
    return bindQuery(statement, context).relation.columns[0]!.type
  })
}

function inFrame({ node }: Column): string {
  return outcome(() => resolve(node, inputs, typing()).type)
}

/** An argument as both doors write it: a column, or a constant that has one type in both. */
const operand = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...columns.map(([name]) => name)) },
  { weight: 1, arbitrary: fc.constantFrom(7, -12345, 0, true, "'x'", "'2020-01-01'") },
)
type Operand = string | number | boolean

const isText = (arg: Operand): arg is string => typeof arg === 'string' && arg.startsWith("'")
const frameOperand = (arg: Operand): Column =>
  isText(arg) ? lit(arg.slice(1, -1)) : typeof arg === 'string' ? col(arg) : lit(arg)
const sqlOperand = (arg: Operand): string =>
  typeof arg === 'number' && arg < 0 ? `(${arg})` : String(arg)

/** Names that SQL reads as something else than a call of the catalogue's function; of some a text names a relation. */
const syntax: ReadonlySet<string> = new Set([
  'not',
  'left',
  'right',
  'overlaps',
  ...catalogFunctions.map(({ name }) => name),
])

const names = [...new Set(builtInFunctions.scalar.names)].filter(
  (name) => !syntax.has(name) && !/[ [{]/.test(name),
)
/** How many arguments a function may be written with in SQL: operators two at most. */
const counts = (name: string): readonly number[] => {
  const lengths = builtInFunctions.scalar.named(name).map(({ args }) => args.length)
  return [...new Set(lengths)].filter((length) => /^[a-z_]/.test(name) || length <= 2)
}

function sqlCall(name: string, args: readonly Operand[]): string {
  const shown = args.map(sqlOperand)
  if (/^[a-z_]/.test(name)) return `"${name}"(${shown.join(', ')})`
  return shown.length === 1 ? `(${name} ${shown[0]})` : `(${shown[0]} ${name} ${shown[1]})`
}

const anyCall = fc.constantFrom(...names).chain((name) =>
  fc.constantFrom(...counts(name)).chain((length) =>
    fc.record({
      name: fc.constant(name),
      args: fc.array(operand, { minLength: length, maxLength: length }),
    }),
  ),
)

test('a call has the same type in SQL and in a frame, or the same error', () => {
  fc.assert(
    fc.property(anyCall, ({ name, args }) => {
      expect(inFrame(call(name, ...args.map(frameOperand))), sqlCall(name, args)).toBe(
        inSql(sqlCall(name, args)),
      )
    }),
    { numRuns: 6000 },
  )
})

const operators = ['+', '-', '*', '/', '%', '=', '<>', '<', '<=', '>', '>='] as const
const pairs = columns.flatMap(([left]) => [
  ...columns.map(([right]) => [left, right] as const),
  ...([1, 100000, "'1'"] as const).map((constant) => [left, constant] as const),
])

test.each(operators)('%s has the same type in both for every pair of types', (operator) => {
  for (const args of pairs) {
    expect(inFrame(call(operator, ...args.map(frameOperand))), sqlCall(operator, args)).toBe(
      inSql(sqlCall(operator, args)),
    )
  }
})

test('CASE, IN and casts have the same type in both for every pair of types', () => {
  for (const args of pairs) {
    const [left, right] = args.map(frameOperand)
    const [a, b] = args.map(sqlOperand)
    const choice = when([[col('o'), left!]], right!)
    expect(inFrame(choice), `CASE of ${a}, ${b}`).toBe(inSql(`case when o then ${a} else ${b} end`))
    const among = left!.isIn([right!, right!])
    expect(inFrame(among), `${a} IN (${b}, ${b})`).toBe(inSql(`${a} in (${b}, ${b})`))
  }
  for (const [name] of columns) {
    for (const [, type] of columns) {
      const cast = `cast(${name} as ${typeName(type)})`
      expect(inFrame(col(name).cast(type)), cast).toBe(inSql(cast))
    }
  }
})

test('aggregates have the same type in both', () => {
  // What SQL has as window functions, too, it takes for these.
  const called = [...new Set(builtInFunctions.aggregate.names)].filter(
    (name) => !builtInFunctions.window.has(name),
  )
  for (const name of called) {
    for (const [column] of columns) {
      const { call: own } = aggregate(name, col(column))
      const typed = (): DataType =>
        resolveAggregateCall(newColumnIds(), 'x', own, inputs, typing()).type
      expect(outcome(typed), `${name}(${column})`).toBe(inSql(`${name}(${column})`))
    }
  }
})
