import { describe, expect, test } from 'vitest'
import { builtInFunctions } from '../../src/functions/built-in.ts'
import { sqlValue } from './sql-value.ts'

describe('examples of the catalogue', () => {
  test.each(builtInFunctions.scalar.all.map(({ id, example }) => [id, example]))(
    '%s: %s',
    (_, example) => {
      const at = example!.lastIndexOf(' -- ')
      expect(sqlValue(example!.slice(0, at))).toBe(example!.slice(at + 4))
    },
  )
})
