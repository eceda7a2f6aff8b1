import { describe, expect, test } from 'vitest'
import { QueryError } from '../../src/base/errors.ts'
import { seededRandom, type Random } from '../../src/base/world.ts'
import { hasInlineForm } from '../../src/compile/expressions/expression-traits.ts'
import { DigitBudget } from '../../src/data/types/digit-budget.ts'
import {
  arrayOf,
  bool,
  decimal,
  int4,
  plainType,
  recordOf,
  regOf,
  text,
  typeName,
  type DataType,
  type TypeKind,
} from '../../src/data/types/data-type.ts'
import type { Scalar } from '../../src/data/types/scalar.ts'
import { castKind } from '../../src/data/types/coercion.ts'
import { builtInFunctions } from '../../src/functions/built-in.ts'
import type { ScalarFunction } from '../../src/functions/function.ts'
import { evaluate } from '../../src/plan/logical/evaluate.ts'
import type { ColumnId, Expression } from '../../src/plan/logical/expression.ts'
import { runCompiled, type TestColumn } from './harness.ts'
import { randomScalar } from './random-values.ts'
import { scalarEntry } from '../functions/entries.ts'
import { weekday } from '../functions/weekday.ts'

const scalarFunctions = builtInFunctions.scalar.all

const ROWS = 60
const decimals = [decimal(5, 2), decimal(15, 2), decimal(18, 0), decimal(25, 4), decimal(38, 10)]

/** Runs an expression both ways over the same rows; values or errors must be the same. */
function checkConformance(expr: Expression, columns: readonly TestColumn[], label: string): void {
  const outcomes = runCompiled(expr, columns, ROWS)
  outcomes.forEach((outcome, row) => {
    const column = (id: ColumnId): Scalar => columns.find((c) => c.id === id)?.values[row] ?? null
    const where = `${label}, row ${row}: ${JSON.stringify(
      columns.map((c) => c.values[row]),
      (_, v: unknown) => (typeof v === 'bigint' ? `${v}n` : v),
    )}`
    const expected = attempt(expr, column)
    if (!('reason' in outcome)) {
      expect(outcome, where).toEqual(expected)
    } else {
      expect('value' in expected, `${where} raised ${outcome.reason}`).toBe(false)
      expect(attempt(outcome.blamed ?? expr, column), where).toEqual(expected)
    }
  })
}

function attempt(
  expr: Expression,
  column: (id: ColumnId) => Scalar,
): { readonly value: Scalar } | { readonly error: string } {
  try {
    return { value: evaluate(expr, column) }
  } catch (error) {
    if (error instanceof QueryError) return { error: `${error.sqlState} ${error.message}` }
    throw error
  }
}

/** Functions that make a text as long as a number says. */
const lengthening = /^(?:lpad|rpad|repeat|pad_characters|store_bpchar|pad_bits|bits_of_integer)\(/

function randomColumns(random: Random, types: readonly DataType[], id = ''): TestColumn[] {
  return types.map((type, index) => {
    const nullShare = random.next() < 0.5 ? 0 : 0.3
    const ranged = random.next() < 0.5
    const small = ranged && random.next() < 0.6
    const value = (): Scalar => {
      const scalar = randomScalar(random, type, nullShare)
      if (typeof scalar === 'number' && lengthening.test(id)) return scalar % 40
      if (!small) return scalar
      return typeof scalar === 'bigint' ? scalar % 1_000n : scalar
    }
    const values = Array.from({ length: ROWS }, value)
    return { id: index as ColumnId, type, values, ranged }
  })
}

function reference(column: TestColumn): Expression {
  return { kind: 'column', id: column.id, name: `c${column.id}`, type: column.type }
}

const kinds: readonly TypeKind[] = [
  'bool',
  'int2',
  'int4',
  'int8',
  'float4',
  'float8',
  'date',
  'time',
  'timestamp',
  'timestamptz',
  'text',
  'bytea',
  'uuid',
  'jsonb',
  'bpchar',
  'timetz',
  'oid',
  'interval',
  'numeric',
]

/** Whether its array is a path of names, which is of texts. */
const isPathed = ({ name }: ScalarFunction): boolean =>
  /^(?:#>|#>>|#-|jsonb_set|jsonb_insert)$/.test(name)

function argumentTypes(fn: ScalarFunction, random: Random): DataType[] {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random.next() * items.length)]!
  const shared: DataType =
    random.next() < 0.3 ? pick(decimals) : ({ kind: pick(kinds) } as DataType)
  const count = fn.args.length + (fn.variadic === true ? Math.floor(random.next() * 3) : 0)
  const args = Array.from({ length: count }, (_, index) => fn.args[index] ?? fn.args.at(-1)!)
  const ofRanges = fn.args.some((kind) => kind === 'range' || kind === 'multirange')
  return args.map((kind) => {
    if (kind === 'any') return ofRanges ? int4 : shared
    if (kind === 'array')
      return isPathed(fn) ? arrayOf({ kind: 'text' }) : arrayOf({ kind: 'numeric' })
    if (kind === 'range' || kind === 'multirange') return { kind, of: 'int4range' }
    if (kind === 'enum') return weekday
    if (kind === 'reg') return regOf('regclass')
    if (kind === 'record') return recordOf([{ name: 'f1', type: { kind: 'int4' } }])
    return kind === 'decimal' ? pick(decimals) : plainType(kind)
  })
}

/** The type that resolution gives a result in hope: no decimal has more digits than there are. */
function asResolved(type: DataType): DataType {
  return type.kind === 'decimal' ? new DigitBudget(true).fit(type.precision, type.scale) : type
}

describe('generated code agrees with the reference', () => {
  const inlined = scalarFunctions.filter((fn) => fn.inline !== undefined)
  test.each(inlined.map((fn) => [fn.id, fn] as const))('%s', (id, fn) => {
    const seed = [...id].reduce((hash, c) => Math.imul(hash, 31) + c.charCodeAt(0), 7)
    const random = seededRandom(seed)
    for (let round = 0; round < 8; round++) {
      const given = argumentTypes(fn, random)
      // Calls are bound with their arguments cast so.
      const types = fn.settle?.(given) ?? given
      const type = asResolved(typeof fn.returns === 'function' ? fn.returns(types) : fn.returns)
      const columns = randomColumns(random, types, id)
      const expr: Expression = { kind: 'call', fn, args: columns.map(reference), type }
      if (hasInlineForm(expr)) {
        checkConformance(expr, columns, `${id} of ${types.map(typeName).join()}, seed ${seed}`)
      }
    }
  })
})

describe('casts agree with the reference', () => {
  const types: readonly DataType[] = [...kinds.map((kind) => ({ kind }) as DataType), ...decimals]
  test.each(types.map((type) => [typeName(type), type] as const))('from %s', (_, from) => {
    const random = seededRandom(17)
    for (const to of types) {
      if (castKind(from, to) === undefined) continue
      for (const lenient of [false, true]) {
        const columns = randomColumns(random, [from])
        const expr: Expression = { kind: 'cast', arg: reference(columns[0]!), lenient, type: to }
        if (hasInlineForm(expr)) {
          checkConformance(expr, columns, `${typeName(from)} to ${typeName(to)}`)
        }
      }
    }
  })
})

/** Random expressions of every kind over a few columns. */
function randomExpression(
  random: Random,
  type: DataType,
  columns: readonly TestColumn[],
  depth: number,
): Expression {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random.next() * items.length)]!
  const again = (wanted: DataType): Expression =>
    randomExpression(random, wanted, columns, depth - 1)
  const candidates = columns.filter((column) => column.type.kind === type.kind)
  if (depth === 0 || random.next() < 0.15) {
    const column = candidates.length === 0 ? undefined : pick(candidates)
    if (column !== undefined && random.next() < 0.75) return reference(column)
    return { kind: 'literal', value: randomScalar(random, type, 0.15), type }
  }
  const choice = random.next()
  if (choice < 0.25) {
    const branches = Array.from({ length: 1 + Math.floor(random.next() * 2) }, () => ({
      when: again(bool),
      then: again(type),
    }))
    return { kind: 'case', branches, otherwise: again(type), type }
  }
  if (type.kind !== 'bool') {
    if (type.kind === 'text') return again(type)
    const name = pick(['+', '-', '*', '/', '%'])
    const id = `${name}(${type.kind},${type.kind})`
    const fn = scalarFunctions.find((candidate) => candidate.id === id)
    if (fn?.inline === undefined) return again(type)
    return { kind: 'call', fn, args: [again(type), again(type)], type }
  }
  if (choice < 0.55) {
    const args = Array.from({ length: 2 + Math.floor(random.next() * 2) }, () => again(bool))
    return { kind: pick(['and', 'or'] as const), args, type }
  }
  const compared = pick(columns).type
  if (choice < 0.7 && compared.kind !== 'decimal') {
    const list = Array.from({ length: 1 + Math.floor(random.next() * 4) }, () => ({
      kind: 'literal' as const,
      value: randomScalar(random, compared, 0.1),
      type: compared,
    }))
    const [arg, isSet] = [again(compared), random.next() < 0.5]
    if (!isSet) return { kind: 'in-list', arg, list, type }
    const values = list.map(({ value }) => value).filter((value) => value !== null)
    return { kind: 'in-set', arg, values, hasNull: values.length < list.length, type }
  }
  const test = pick(['is_null', 'is_distinct_from', '=', '<', '>=', 'not', 'is_not_true'])
  if (test === 'is_null') {
    return { kind: 'call', fn: scalarEntry('is_null(any)'), args: [again(compared)], type }
  }
  if (test === 'not' || test === 'is_not_true') {
    return { kind: 'call', fn: scalarEntry(`${test}(bool)`), args: [again(bool)], type }
  }
  const args = [again(compared), again(compared)]
  const kinds = test === 'is_distinct_from' ? 'any,any' : `${compared.kind},${compared.kind}`
  return { kind: 'call', fn: scalarEntry(`${test}(${kinds})`), args, type }
}

describe('random expressions', () => {
  test.each(Array.from({ length: 150 }, (_, index) => index + 1))('seed %d', (seed) => {
    const random = seededRandom(seed)
    const types: DataType[] = ['int4', 'int8', 'float8', 'bool', 'text', 'date'].map(
      (kind) => ({ kind }) as DataType,
    )
    const columns = randomColumns(random, types)
    const wanted = random.next() < 0.6 ? bool : { kind: 'int4' as const }
    const expr = randomExpression(random, wanted, columns, 4)
    checkConformance(expr, columns, `seed ${seed}`)
    if (wanted !== bool) return
    const outcomes = runCompiled(expr, columns, ROWS, 'predicate')
    outcomes.forEach((outcome, row) => {
      const column = (id: ColumnId): Scalar => columns[id]?.values[row] ?? null
      const expected = attempt(expr, column)
      // A filter may stop before an argument whose error cannot matter any more.
      if ('error' in expected) return
      expect(outcome, `predicate, seed ${seed}, row ${row}`).toEqual({
        value: expected.value === true,
      })
    })
  })
})

describe('sets of members agree with the reference', () => {
  const types: readonly DataType[] = [...kinds.map((kind) => ({ kind }) as DataType), ...decimals]
  test.each(types.map((type) => [typeName(type), type] as const))('of %s', (_, type) => {
    const random = seededRandom(29)
    for (const count of [0, 1, 3, 20, 200]) {
      for (const hasNull of [false, true]) {
        const columns = randomColumns(random, [type])
        const values = Array.from({ length: count }, (): Scalar => {
          const known = columns[0]!.values[Math.floor(random.next() * ROWS)] ?? null
          return random.next() < 0.3 && known !== null ? known : randomScalar(random, type, 0)
        })
        const arg = reference(columns[0]!)
        const expr: Expression = { kind: 'in-set', arg, values, hasNull, type: bool }
        checkConformance(expr, columns, `${count} of ${typeName(type)}`)
      }
    }
  })
})

describe('patterns that are literals', () => {
  const like = [
    'abc',
    'a%',
    '%b',
    '%b%',
    '%é%',
    'a%c',
    '_b%',
    '',
    '%',
    '%%',
    '%a%%b%',
    'a\\%b',
    '%A_',
  ]
  const calls: readonly (readonly [id: string, literals: readonly (string | number)[]])[] = [
    ...['like', 'not_like', 'ilike', 'not_ilike'].flatMap((name) =>
      like.flatMap((pattern): (readonly [string, string[]])[] => [
        [`${name}(text,text)`, [pattern]],
        [`${name}(text,text,text)`, [pattern, 'a']],
        [`${name}(text,text,text)`, [pattern, '']],
      ]),
    ),
    // Long pieces are compared part by part.
    ['like(text,text)', [`%${'long '.repeat(20)}%`]],
    ['~(text,text)', ['b']],
    ['~(text,text)', ['long '.repeat(20)]],
    ['~(text,text)', ['^[ab]+$']],
    ['!~(text,text)', ['a|é']],
    ['~*(text,text)', ['É|AB']],
    ['!~*(text,text)', ['\\mA']],
    ['regexp_like(text,text,text)', ['B.?C', 'i']],
    ['similar_to(text,text)', ['(a|b)%']],
    ['similar_to(text,text,text)', ['%#%%', '#']],
    ['regexp_count(text,text)', ['a|']],
    ['regexp_count(text,text,int4,text)', ['B', 2, 'i']],
    ['regexp_instr(text,text)', ['[bc]+']],
    ['regexp_instr(text,text,int4,int4,int4)', ['b', 1, 2, 1]],
    ['regexp_substr(text,text)', ['b+?.']],
    ['regexp_substr(text,text,int4,int4,text,int4)', ['(b)(.)', 2, 1, 'n', 0]],
    ['substring(text,text)', ['[^a]+']],
    ['substring(text,text)', ['a?(b|l*)(.)']],
    ['regexp_instr(text,text,int4,int4,int4,text,int4)', ['(b)?(.)', 1, 1, 0, '', 1]],
    ['regexp_replace(text,text,text,text)', ['(.)([bl])', '\\2\\1', 'g']],
    ['regexp_replace(text,text,text)', ['b*', '<\\&>']],
    ['regexp_replace(text,text,text,text)', ['B*', '-', 'gi']],
    ['regexp_replace(text,text,text,int4,int4)', ['.', '', 2, 0]],
  ]
  test.each(calls)('%s %j', (id, literals) => {
    const random = seededRandom(41)
    const columns = randomColumns(random, [text])
    const fn = scalarEntry(id)
    const args = literals.map((value): Expression => {
      return { kind: 'literal', value, type: typeof value === 'number' ? int4 : text }
    })
    const type = fn.returns as DataType
    const expr: Expression = { kind: 'call', fn, args: [reference(columns[0]!), ...args], type }
    expect(hasInlineForm(expr)).toBe(true)
    checkConformance(expr, columns, id)
  })

  test.each([
    ['~(text,text)', '(a)\\1'],
    ['~(text,text)', '('],
    ['regexp_replace(text,text,text)', '(a)*', '\\1'],
    ['substring(text,text)', '(a)(?=b)'],
  ])('%s %s has no code', (id, ...literals) => {
    const args = literals.map((value): Expression => ({ kind: 'literal', value, type: text }))
    const column: Expression = { kind: 'column', id: 0 as ColumnId, name: 's', type: text }
    const fn = scalarEntry(id)
    const type = fn.returns as DataType
    expect(hasInlineForm({ kind: 'call', fn, args: [column, ...args], type })).toBe(false)
  })
})

describe('calls with a literal field', () => {
  const names = ['extract', 'date_part', 'date_trunc']
  const fields =
    'year month day quarter week isoyear dow doy hour minute second milliseconds microseconds'.split(
      ' ',
    )
  const sources = ['date', 'time', 'timestamp', 'timestamptz'] as const
  test.each(names.flatMap((name) => sources.map((kind) => [name, kind] as const)))(
    '%s of %s',
    (name, kind) => {
      const random = seededRandom(23)
      const fn = scalarFunctions.find(({ id }) => id === `${name}(text,${kind})`)
      if (fn === undefined || typeof fn.returns === 'function') return
      for (const value of fields) {
        const columns = randomColumns(random, [{ kind }])
        const field: Expression = { kind: 'literal', value, type: text }
        const args = [field, reference(columns[0]!)]
        const expr: Expression = { kind: 'call', fn, args, type: fn.returns }
        if (hasInlineForm(expr)) checkConformance(expr, columns, `${name} ${value} of ${kind}`)
      }
    },
  )
})
