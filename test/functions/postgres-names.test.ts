import { describe, expect, it } from 'vitest'
import { connect } from '../../src/index.ts'
import { DigitBudget } from '../../src/data/types/digit-budget.ts'
import { text } from '../../src/data/types/data-type.ts'
import { builtInFunctions } from '../../src/functions/built-in.ts'
import { isPostgresFunction, postgresFunctionNames } from '../../src/functions/postgres-names.ts'
import { literal } from '../../src/plan/logical/build.ts'
import { typedCall, type Typing } from '../../src/plan/logical/typing.ts'

const typing: Typing = {
  functions: builtInFunctions,
  digits: new DigitBudget(true),
  parameters: [],
}
const MOST_ARGUMENTS = 4

/** SQLSTATE of a call with so many NULLs of type text; undefined when it is understood. */
function outcome(name: string, count: number): string | undefined {
  const args = Array.from({ length: count }, () => literal(null, text))
  try {
    typedCall(typing, name, args)
    return undefined
  } catch (error) {
    return (error as { readonly sqlState: string }).sqlState
  }
}

describe('functions of PostgreSQL that are not here', () => {
  const { scalar, aggregate, table, window } = builtInFunctions
  const kinds = [scalar, aggregate, table, window]
  const missing = postgresFunctionNames().filter((name) => !kinds.some((kind) => kind.has(name)))

  it('are refused as not supported, each of them', () => {
    const wrong = missing.flatMap((name) => {
      const counts = Array.from({ length: MOST_ARGUMENTS + 1 }, (_, count) => count)
      const called = counts.filter((count) => isPostgresFunction(name, count))
      return called
        .filter((count) => outcome(name, count) !== '0A000')
        .map((count) => `${name}/${count}`)
    })
    expect(wrong).toEqual([])
    expect(missing).toContain('to_ascii')
  })

  it('are told from what PostgreSQL does not have either', () => {
    expect(outcome('frobnicate', 1)).toBe('42883')
    expect(outcome('to_ascii', 0)).toBe('42883')
    expect(outcome('upper', 2)).toBe('42883')
  })

  it('may have the name of one that is here', () => {
    expect(scalar.has('width_bucket')).toBe(true)
    expect(outcome('width_bucket', 2)).toBe('0A000')
    expect(outcome('width_bucket', 3)).toBe('42883')
  })

  it('are refused in statements', async () => {
    const db = await connect({ threads: 1 })
    await expect(db.query("select to_ascii('a')")).rejects.toMatchObject({
      sqlState: '0A000',
      message: 'not supported: function to_ascii(unknown)',
    })
    await db.close()
  })
})
