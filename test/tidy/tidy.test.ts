import { readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { describe, expect, test } from 'vitest'
import { allSourceFiles, sourceFiles } from '../sources.ts'

const FILE_LINES_MAX = 500
const FUNCTION_LINES_MAX = 70
const LINE_CHARACTERS_MAX = 100

const bannedPatterns: readonly (readonly [string, RegExp])[] = [
  ['any', /(?::|\bas|<|,)\s*any\b(?!-)/],
  ['enum', /^\s*(?:export\s+)?(?:const\s+)?enum\s/m],
  ['namespace', /^\s*(?:export\s+)?namespace\s/m],
  ['default export', /^export default\s/m],
  ['export *', /^export \*/m],
  // It would drop a byte order mark that a text begins with.
  ['new TextDecoder', /new TextDecoder\((?![^)]*ignoreBOM)/],
  ['TODO', /\b(?:TODO|FIXME|XXX)\b/],
]

const source = sourceFiles('src')

/** Nobody reads what is generated. */
function isWritten({ text }: { readonly text: string }): boolean {
  return !/^\/\/ Generated /m.test(text)
}

function withoutText(text: string): string {
  return text
    .replaceAll(/\/\*[\s\S]*?\*\//g, (comment) => comment.replaceAll(/[^\n]/g, ''))
    .replaceAll(/\/\/.*$/gm, '')
    .replaceAll(/'(?:[^'\\\n]|\\.)*'/g, "''")
}

/** Functions by indentation: the formatter puts a body's closing brace under its first line. */
function longFunctions(path: string, text: string): readonly string[] {
  const lines = text.split('\n')
  const start =
    /^(\s*)(?:export\s+)?(?:async\s+)?(?:function\b|(?:static |async |get |set |\*)*[#\w]+\(.*\).*\{$)/
  const control = /^\s*(?:if|for|while|switch|catch|return|else)\b/
  return lines.flatMap((line, index) => {
    const match = start.exec(line)
    if (match === null || control.test(line)) return []
    const close = `${match[1] ?? ''}}`
    const length =
      lines
        .slice(index)
        .findIndex((l) => l === close || l === `${close},` || l.startsWith(`${close})`)) + 1
    return length > FUNCTION_LINES_MAX ? [`${path}:${index + 1}: ${length} lines`] : []
  })
}

describe('tidy', () => {
  test(`files have at most ${FILE_LINES_MAX} lines`, () => {
    const long = allSourceFiles('src')
      .filter(isWritten)
      .map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }))
      .filter(({ lines }) => lines > FILE_LINES_MAX)
    expect(long).toEqual([])
  })

  test(`functions have at most ${FUNCTION_LINES_MAX} lines`, () => {
    expect(source.flatMap(({ path, text }) => longFunctions(path, text))).toEqual([])
  })

  test(`lines have at most ${LINE_CHARACTERS_MAX} characters`, () => {
    const long = source
      .filter(isWritten)
      .flatMap(({ path, text }) =>
        text
          .split('\n')
          .flatMap((line, index) =>
            line.length > LINE_CHARACTERS_MAX && !/https?:|^\s*\/|'.{60,}'|`|^\s*[*|]/.test(line)
              ? [`${path}:${index + 1}`]
              : [],
          ),
      )
    expect(long).toEqual([])
  })

  // A text of megabytes as an array of its characters takes gigabytes: they are walked in place.
  test('functions never expand a text into an array', () => {
    const expansion =
      /\.split\(''\)|\bArray\.from\((?!\{|new )|\[\.\.\.(?:String|source|text|whole|pattern|word|letters)\b/
    const found = source
      .filter(({ path }) => /^src\/functions\/(?:text|datetime|math)\//.test(path))
      .filter(({ text }) => expansion.test(text))
    expect(found.map(({ path }) => path)).toEqual([])
  })

  // What a function is, is said by the traits of its entry: no other room reads it from an id or makes one.
  test('ids of functions are parsed and written in functions/ alone', () => {
    const kinds = 'any|bool|int[248]|decimal|numeric|float[48]|text|bytea|date|time|interval|\\$'
    const parsed =
      /\bfn\.(?:startsWith|endsWith|includes|indexOf|lastIndexOf|slice|split|match|replace)\b/
    const tested = /\/[a-z]*\.(?:test|exec)\([^)]*\bfn\)/
    const written = new RegExp(`['"\`][-a-z_<>=~!+*/%]+\\((?:${kinds})[a-z]*[,)}]`)
    const found = source
      .filter(({ path }) => !path.startsWith('src/functions/') && path.startsWith('src/'))
      .flatMap(({ path, text }) =>
        text.split('\n').flatMap((line, index) => {
          const reads = parsed.test(line) || tested.test(line)
          const writes = written.test(line) && /\bcall\(|\bfn\b|Set\(/.test(line)
          return reads || writes ? [`${path}:${index + 1}`] : []
        }),
      )
    expect(found).toEqual([])
  })

  test('no banned constructs', () => {
    const found = source
      .filter(({ path }) => !path.endsWith('.d.ts'))
      .flatMap(({ path, text }) => {
        const code = withoutText(text)
        return bannedPatterns.flatMap(([name, pattern]) =>
          pattern.test(name === 'TODO' ? text : code) ? [`${path}: ${name}`] : [],
        )
      })
    expect(found).toEqual([])
  })

  // What grows is a table, which names every kind.
  test('no file of the source may have switches that do not name every kind', () => {
    const { overrides } = JSON.parse(readFileSync('.oxlintrc.json', 'utf8')) as {
      overrides: { files: string[]; rules: Record<string, unknown> }[]
    }
    const exempt = overrides.find(({ rules }) => 'typescript/switch-exhaustiveness-check' in rules)
    expect(exempt?.files.filter((path) => !path.startsWith('test/'))).toEqual([])
  })

  test('file names are kebab-case', () => {
    const odd = source.filter(({ path }) => !/^[a-z0-9-]+(?:\.d)?\.ts$/.test(posix.basename(path)))
    expect(odd.map(({ path }) => path)).toEqual([])
  })

  test('dependencies are exact and each has its decision note', () => {
    const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as {
      dependencies: Record<string, string>
      devDependencies: Record<string, string>
    }
    const versions = { ...manifest.dependencies, ...manifest.devDependencies }
    expect(Object.entries(versions).filter(([, version]) => !/^\d/.test(version))).toEqual([])
    const notes = readFileSync('docs/decisions/0003-dependencies.md', 'utf8')
    const missing = Object.keys(versions).filter((name) => !notes.includes(`\`${name}\``))
    expect(missing).toEqual([])
  })
})
