import { readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { present } from '../../src/base/assert.ts'
import { builtFile } from '../../src/base/built-file.ts'
import { exportedSignatures, type Signature } from './kernel-signatures.ts'

const contract = new URL('../../src/wasm/kernels/contract.ts', import.meta.url)
const loader = new URL('../../src/wasm/kernels/loader.ts', import.meta.url).href

const head = `import type { ValueType } from '../assembler/opcodes.ts'

// Generated from the kernels that \`npm run build\` made; \`UPDATE=1 npx vitest run test/wasm/kernel-contract\`
// rewrites it.

/** What a kernel takes and gives. */
export interface KernelSignature {
  readonly params: readonly ValueType[]
  readonly results: readonly ValueType[]
}

/** The static kernels by name. */
`

function entry(name: string, { params, results }: Signature): string {
  const list = (types: readonly string[]): string => types.map((type) => `'${type}'`).join(', ')
  const line = `  ${name}: { params: [${list(params)}], results: [${list(results)}] },`
  if (line.length <= 100) return line
  const long = `    params: [${list(params)}],`
  const broken =
    long.length <= 100
      ? long
      : `    params: [\n${params.map((type) => `      '${type}',`).join('\n')}\n    ],`
  return `  ${name}: {\n${broken}\n    results: [${list(results)}],\n  },`
}

test('the contract of the kernels is what they export', () => {
  const binary = readFileSync(present(builtFile('kernels.wasm', loader), 'built kernels'))
  const entries = [...exportedSignatures(binary)]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, signature]) => entry(name, signature))
  const expected = `${head}export const kernelContract = {\n${entries.join('\n')}\n} as const satisfies Readonly<Record<string, KernelSignature>>\n`
  if (process.env['UPDATE'] === '1') writeFileSync(contract, expected)
  expect(readFileSync(contract, 'utf8')).toBe(expected)
})
