import { readdirSync } from 'node:fs'
import { afterEach, expect, test } from 'vitest'
import { arena, checkedKernels, heap, kernels } from './bench.ts'

// Every other file of this folder declares its tests when it is imported.
const suites = readdirSync(new URL('.', import.meta.url)).filter(
  (file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && file !== 'bench.ts',
)
for (const suite of suites) await import(`./${suite}`)

afterEach(() => {
  arena.release()
  expect(heap.bytesInUse).toBe(0)
})

/** Exports that need no reference, each with the reason. */
const exempt: Readonly<Record<string, string>> = {
  fill: 'the instruction memory.fill itself',
  copy: 'the instruction memory.copy itself',
}

test('every kernel is checked against a reference', () => {
  const names = Object.keys(kernels.exports).filter((name) => name !== 'memory')
  const checked = checkedKernels()
  expect(names.filter((name) => !checked.has(name) && !(name in exempt))).toEqual([])
  expect(
    [...checked].filter((name) => !names.includes(name)),
    'not exported',
  ).toEqual([])
})
