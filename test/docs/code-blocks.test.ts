import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const folder = 'dist/docs-blocks'

function markdownFiles(): readonly string[] {
  const docs = readdirSync('docs', { recursive: true, encoding: 'utf8' })
  return [
    'README.md',
    ...docs.filter((name) => name.endsWith('.md')).map((name) => join('docs', name)),
  ]
}

function codeBlocks(path: string): readonly string[] {
  return [...readFileSync(path, 'utf8').matchAll(/^```ts\n([\s\S]*?)^```/gm)].map(
    (match) => match[1] ?? '',
  )
}

function run(file: string): { readonly status: number | null; readonly output: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [file], {
    encoding: 'utf8',
    timeout: 60_000,
  })
  return { status, output: stdout + stderr }
}

for (const path of markdownFiles()) {
  codeBlocks(path).forEach((code, index) => {
    test(`the TypeScript block ${index + 1} of ${path} runs`, () => {
      mkdirSync(folder, { recursive: true })
      const file = join(folder, `${path.replaceAll(/\W/g, '-')}-${index}.mjs`)
      writeFileSync(file, code)
      const { status, output } = run(file)
      expect(status, output).toBe(0)
    })
  })
}

const examples = readdirSync('examples', { recursive: true, encoding: 'utf8' })

for (const name of examples.filter((file) => file.endsWith('.ts'))) {
  test(`the example ${name} runs and says something`, () => {
    const { status, output } = run(join('dist/tools/examples', name.replace('.ts', '.js')))
    expect(status, output).toBe(0)
    expect(output.length).toBeGreaterThan(0)
  })
}
