import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import {
  arrayOf,
  plainType,
  recordOf,
  regOf,
  typeName,
  type DataType,
} from '../../src/data/types/data-type.ts'
import { builtInFunctions } from '../../src/functions/built-in.ts'
import type {
  AggregateFunction,
  ArgumentKind,
  ScalarFunction,
  TableFunction,
} from '../../src/functions/function.ts'
import { weekday } from './weekday.ts'

const scalarFunctions = builtInFunctions.scalar.all
const aggregateFunctions = builtInFunctions.aggregate.all
const tableFunctions = builtInFunctions.table.all

const path = new URL('../../docs/reference/functions.md', import.meta.url)

const introduction = `# Functions and operators

Generated from the function catalogue; \`UPDATE=1 npx vitest run test/functions/reference-page\` rewrites
it. Semantics, result types and error codes are PostgreSQL 15's. \`numeric(p,s)\` stands for numbers
with a declared precision and scale, which are computed in fixed point up to 38 digits. *wasm* says
that the function runs as generated WebAssembly; others run once per row in TypeScript, or once per
distinct value of a dictionary-encoded column. COALESCE, NULLIF and CASE are part of the language.
`

function kindName(kind: ArgumentKind): string {
  if (kind === 'any') return 'any'
  if (kind === 'array' || kind === 'record' || kind === 'enum' || kind === 'reg') return kind
  if (kind === 'range' || kind === 'multirange') return kind
  return kind === 'decimal' ? 'numeric(p,s)' : typeName(plainType(kind))
}

function resultName(fn: ScalarFunction | AggregateFunction | TableFunction): string {
  if (typeof fn.returns !== 'function') return typeName(fn.returns)
  const types = fn.args.map((kind): DataType => {
    if (kind === 'decimal') return { kind, precision: 10, scale: 2 }
    if (kind === 'array') return arrayOf({ kind: 'text' })
    if (kind === 'range' || kind === 'multirange') return { kind, of: 'int4range' }
    if (kind === 'enum') return weekday
    if (kind === 'reg') return regOf('regclass')
    if (kind === 'record') return recordOf([{ name: 'f1', type: { kind: 'text' } }])
    return plainType(kind === 'any' ? 'text' : kind)
  })
  const result = fn.returns(types)
  if (
    fn.args.includes('any') ||
    fn.args.includes('array') ||
    fn.args.some((kind) => kind === 'range' || kind === 'multirange' || kind === 'enum') ||
    fn.name === 'record_field'
  )
    return 'as its arguments'
  return result.kind === 'decimal' ? 'numeric(p,s)' : typeName(result)
}

function signature(fn: ScalarFunction): string {
  const names = fn.args.map(kindName)
  const [left, right] = names
  if (/^[a-z]/.test(fn.name)) {
    return `${fn.name}(${names.join(', ')}${fn.variadic === true ? ', ...' : ''})`
  }
  return right === undefined ? `${fn.name} ${left}` : `${left} ${fn.name} ${right}`
}

/** Arguments that WITHIN GROUP sorts are written there. */
function aggregateSignature(fn: AggregateFunction): string {
  const names = fn.args.map(kindName)
  const more = fn.variadic === true ? ', ...' : ''
  if (fn.directArgs === undefined) return `${fn.name}(${names.join(', ') || '*'})`
  const direct = fn.directArgs === 'as-sorted' ? names : names.slice(0, fn.directArgs)
  const sorted = fn.directArgs === 'as-sorted' ? names : names.slice(fn.directArgs)
  return `${fn.name}(${direct.join(', ')}${more}) within group (order by ${sorted.join(', ')}${more})`
}

function escaped(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ')
}

function section(
  name: string,
  rows: readonly { readonly signature: string; readonly result: string; readonly wasm: boolean }[],
  docs: readonly string[],
  examples: readonly string[],
): string {
  const lines = [`### \`${name}\``, '', ...new Set(docs), '']
  lines.push('| form | result | runs as |', '| --- | --- | --- |')
  for (const row of rows) {
    const how = row.wasm ? 'wasm' : 'call'
    lines.push(`| \`${escaped(row.signature)}\` | ${escaped(row.result)} | ${how} |`)
  }
  lines.push('', '```sql', ...new Set(examples), '```', '')
  return lines.join('\n')
}

function grouped<F extends { readonly name: string }>(
  functions: readonly F[],
): (readonly [string, F[]])[] {
  const groups = new Map<string, F[]>()
  for (const fn of functions) groups.set(fn.name, [...(groups.get(fn.name) ?? []), fn])
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1))
}

function page(): string {
  const shown = scalarFunctions.filter(({ name }) => !name.endsWith('_final'))
  const scalars = (operators: boolean): string[] =>
    grouped(shown.filter(({ name }) => /^[a-z]/.test(name) !== operators)).map(([name, entries]) =>
      section(
        name,
        entries.map((fn) => ({
          signature: signature(fn),
          result: resultName(fn),
          wasm: fn.inline !== undefined,
        })),
        entries.map(({ doc }) => doc),
        entries.map(({ example }) => example),
      ),
    )
  const aggregates = grouped(aggregateFunctions).map(([name, entries]) =>
    section(
      name,
      entries.map((fn) => ({
        signature: aggregateSignature(fn),
        result: resultName(fn),
        wasm: fn.form.kind === 'accumulator' || fn.form.kind === 'composed',
      })),
      entries.map(({ doc }) => doc),
      entries.map(({ example }) => example),
    ),
  )
  const tables = grouped(tableFunctions).map(([name, entries]) =>
    section(
      name,
      entries.map((fn) => ({
        signature: `${name}(${fn.args.map(kindName).join(', ')})`,
        result: `rows of ${resultName(fn)}`,
        wasm: false,
      })),
      entries.map(({ doc }) => doc),
      entries.map(({ example }) => example),
    ),
  )
  return [
    introduction,
    '## Operators\n',
    ...scalars(true),
    '## Functions\n',
    ...scalars(false),
    '## Aggregates\n',
    ...aggregates,
    '## Functions that give rows\n',
    ...tables,
  ].join('\n')
}

test('the reference page shows the catalogue as it is', () => {
  const expected = page()
  if (process.env['UPDATE'] === '1') writeFileSync(path, expected)
  expect(existsSync(path) ? readFileSync(path, 'utf8') : '').toBe(expected)
})

test('every entry has a doc sentence and an example with its result', () => {
  for (const { id, doc, example } of [
    ...scalarFunctions,
    ...aggregateFunctions,
    ...tableFunctions,
  ]) {
    expect(doc, id).toMatch(/^.+\.$/s)
    expect(example, id).toContain(' -- ')
  }
})

test('no two entries share an id', () => {
  const ids = [...scalarFunctions, ...aggregateFunctions, ...tableFunctions].map(({ id }) => id)
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([])
})
