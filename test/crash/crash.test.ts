import { execFile } from 'node:child_process'
import { expect, test } from 'vitest'
import { mutants } from '../../crash/mutants.ts'

interface Outcome {
  readonly code: number
  readonly output: string
}

function crash(...args: readonly string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    const program = 'dist/tools/crash/main.js'
    execFile(process.execPath, [program, '--minutes', '2', ...args], (error, output, errors) => {
      resolve({ code: Number(error?.code ?? 0), output: output + errors })
    })
  })
}

test.each(['kill', 'power'])(
  'what was acknowledged is there after crashes: %s',
  async (way) => {
    const { code, output } = await crash('--way', way, '--crashes', '3', '--seed', '3')
    expect(output).toContain('0 lost, 0 uncommitted seen')
    expect(code).toBe(0)
  },
  180_000,
)

/** Power is seldom cut within the few bytes of a head: minutes may go by without. */
const isSeldomMet = ({ name }: { readonly name: string }): boolean =>
  name === 'torn record accepted'

test.each(mutants.filter((mutant) => !isSeldomMet(mutant)).map(({ name }) => name))(
  'a mutant is found: %s',
  async (name) => {
    const { code, output } = await crash('--way', 'power', '--seed', '5', '--mutant', name)
    expect(output).not.toContain('no place for mutant')
    expect(code, output).toBe(1)
  },
  180_000,
)
