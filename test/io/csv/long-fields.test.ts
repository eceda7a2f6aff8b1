import { expect, test } from 'vitest'
import { int4, text } from '../../../src/data/types/data-type.ts'
import type { FileOptions } from '../../../src/plan/catalog/catalog.ts'
import { planCsvUnits } from '../../../src/io/formats/csv/reader.ts'
import { readRows, scanRequest, writeFile } from './read-csv.ts'

const plain: FileOptions = { delimiter: ',', quote: '"', header: false }
const columns = [text, int4].map((type, at) => ({ name: `c${at}`, type, nullable: true }))

/** A file with one quoted field of so many MiB, in rows before and behind it. */
function fileWith(field: string, rowsBefore: number) {
  const rows = (count: number): string => `${'a'.repeat(4_000)},1\n`.repeat(count)
  return scanRequest(writeFile(`${rows(rowsBefore)}"${field}",7\n${rows(3)}`), columns, plain)
}

const MIB = 1_048_576
const fields: Readonly<Record<string, (bytes: number) => string>> = {
  'one line': (bytes) => 'x'.repeat(bytes),
  'lines of another form': (bytes) => `${'x'.repeat(75)}\n`.repeat(bytes / 76),
  'quotes at its end': (bytes) => `${`${'x'.repeat(99)}\n`.repeat(bytes / 100)}""`,
}

test.each(Object.keys(fields).flatMap((name) => [3, 6, 10].map((mib) => [name, mib] as const)))(
  'a quoted field over borders of units: %s of %d MiB',
  (name, mib) => {
    const field = fields[name]!(mib * MIB)
    const request = fileWith(field, 1_040)
    expect(planCsvUnits(request).length).toBeGreaterThan(1)
    const rows = readRows(request)
    expect(rows.length).toBe(1_040 + 4)
    expect(rows.slice(-4).map(([value, number]) => [String(value).length, number])).toEqual([
      [field.replaceAll('""', '"').length, 7],
      [4_000, 1],
      [4_000, 1],
      [4_000, 1],
    ])
  },
)

test('a long quoted field that looks like records is refused, never read as records', () => {
  const request = fileWith('b,2\n'.repeat(2 * MIB), 1_040)
  expect(() => readRows(request)).toThrow('CSV record is too long')
})

test('a field longer than any record is refused', () => {
  expect(() => readRows(fileWith('x'.repeat(20 * MIB), 1))).toThrow('CSV record is too long')
})
