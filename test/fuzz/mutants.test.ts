import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { mutants } from '../../fuzz/mutants/list.ts'

test.each(mutants.map((mutant) => [mutant.name, mutant] as const))(
  'can be put in: %s',
  (_, { file, find, replace }) => {
    expect(readFileSync(file, 'utf8').split(find)).toHaveLength(2)
    expect(replace).not.toBe(find)
  },
)
