import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { typeName } from '../../src/data/types/data-type.ts'
import { builtInFunctions } from '../../src/functions/built-in.ts'
import { NO_ROW, type WindowFunction } from '../../src/functions/window-function.ts'

const windowFunctions = builtInFunctions.window.all

const path = new URL('../../docs/reference/window-functions.md', import.meta.url)

const introduction = `# Window functions

Generated from the function catalogue; \`UPDATE=1 npx vitest run test/functions/window-functions\` rewrites it.
Every aggregate is a window function too, where OVER follows it. Windows are PostgreSQL 15's: PARTITION BY, ORDER
BY, frames in ROWS, RANGE and GROUPS, EXCLUDE, and the WINDOW clause; QUALIFY filters rows by their windows. The
examples are over one partition in the order of its values.
`

function section(name: string, entries: readonly WindowFunction[]): string {
  const forms = entries.map(({ args, returns }) => {
    const names = args.map((kind) => (kind === 'any' ? 'any' : typeName({ kind: 'int4' })))
    const result = typeof returns === 'function' ? 'as its first argument' : typeName(returns)
    return `| \`${name}(${names.join(', ')})\` | ${result} |`
  })
  const docs = [...new Set(entries.map(({ doc }) => doc))]
  const examples = [...new Set(entries.map(({ example }) => example))]
  const table = ['| form | result |', '| --- | --- |', ...forms]
  const lines = [`## \`${name}\``, '', ...docs, '', ...table, '', '```sql', ...examples, '```', '']
  return lines.join('\n')
}

function page(): string {
  const names = [...new Set(windowFunctions.map(({ name }) => name))]
  const sections = names.map((name) =>
    section(
      name,
      windowFunctions.filter((fn) => fn.name === name),
    ),
  )
  return [introduction, ...sections].join('\n')
}

test('the page of window functions shows the catalogue as it is', () => {
  const expected = page()
  if (process.env['UPDATE'] === '1') writeFileSync(path, expected)
  expect(existsSync(path) ? readFileSync(path, 'utf8') : '').toBe(expected)
})

/** What a function gives over values that are in order, with the frame that is usual. */
function over(fn: WindowFunction, values: readonly number[], counts: readonly number[]): string {
  const starts = values.map((value) => values.indexOf(value))
  const ends = values.map((value) => values.lastIndexOf(value) + 1)
  const evaluate = fn.evaluate({
    partitionStarts: new Int32Array(values.length),
    partitionEnds: new Int32Array(values.length).fill(values.length),
    peerStarts: Int32Array.from(starts),
    peerEnds: Int32Array.from(ends),
    groups: Int32Array.from(starts, (start) => new Set(values.slice(0, start)).size),
    frame: {
      nth: (row, n) => (n < ends[row]! ? n : NO_ROW),
      last: (row) => ends[row]! - 1,
    },
    integer: (argument) => counts[argument],
  })
  const shown = values.map((_, row) => {
    const result = evaluate(row)
    if (fn.gives === 'number') return String(result)
    return result < 0 ? 'NULL' : String(values[result])
  })
  return shown.join(', ')
}

test.each(windowFunctions.map((fn) => [fn.id, fn] as const))(
  '%s is what its example says',
  (_, fn) => {
    const match = /^\w+\(([^)]*)\) over (.+) -- (.+)$/.exec(fn.example)
    const [args = '', values = '', expected = ''] = match?.slice(1) ?? []
    const counts = args.split(', ').map(Number)
    // An overload that takes more than its example shows is given what is usual.
    counts.length = fn.args.length
    const usual = Array.from(counts, (count) => (Number.isNaN(count ?? NaN) ? 1 : count))
    expect(over(fn, values.split(', ').map(Number), usual)).toBe(expected)
    expect(fn.doc).toMatch(/^.+\.$/s)
  },
)
