import { describe, expect, test } from 'vitest'
import { scalarFunctions } from '../../src/functions/catalogue.ts'
import { sqlValue } from './sql-value.ts'

describe('examples of the catalogue', () => {
  test.each(scalarFunctions.map(({ id, example }) => [id, example]))('%s: %s', (_, example) => {
    const at = example!.lastIndexOf(' -- ')
    expect(sqlValue(example!.slice(0, at))).toBe(example!.slice(at + 4))
  })
})
