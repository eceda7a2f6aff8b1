import { readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { characterClass, setHas } from '../../src/functions/text/character-set.ts'
import { lowerOf, upperOf } from '../../src/functions/text/letters.ts'

const file = new URL('../../src/wasm/kernels/assembly/functions/letter-tables.ts', import.meta.url)

/** Characters of two bytes, which the kernels look up. */
const codes = Array.from({ length: 0x800 - 0x80 }, (_, index) => 0x80 + index)

function table(name: string, type: string, values: readonly number[]): string {
  const lines: string[] = []
  for (let at = 0; at < values.length; at += 16) {
    lines.push(`  ${values.slice(at, at + 16).join(', ')},`)
  }
  return `export const ${name}: usize = memory.data<${type}>([\n${lines.join('\n')}\n])\n`
}

test('the tables of letters are those of TypeScript', () => {
  const letters = characterClass('alnum')
  const bits = codes.map((code) => setHas(letters, code))
  const bytes = Array.from({ length: codes.length / 8 }, (_, at) =>
    bits.slice(8 * at, 8 * at + 8).reduce((byte, bit, k) => byte | (Number(bit) << k), 0),
  )
  const expected = [
    '// Generated: `UPDATE=1 npx vitest run test/wasm/letter-tables` rewrites it.',
    '',
    '// Of the characters from 0x80 to 0x7ff: whether each is a letter or digit, a bit, and its two cases.',
    table('LETTERS', 'u8', bytes),
    table('UPPER', 'u16', codes.map(upperOf)),
    table('LOWER', 'u16', codes.map(lowerOf)),
  ].join('\n')
  if (process.env['UPDATE'] === '1') writeFileSync(file, expected)
  expect(readFileSync(file, 'utf8')).toBe(expected)
})
