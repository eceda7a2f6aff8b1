import type { Condition, ExpectedError, QueryRecord, SltRecord, SortMode } from './record.ts'

interface Line {
  readonly text: string
  readonly number: number
}

/**
 * Reads the records of a sqllogictest file from its lines, one by one. Lines that begin with `#` are
 * comments anywhere, blank lines separate records, as in SQLite's own driver.
 */
export async function* readRecords(lines: AsyncIterable<string>): AsyncGenerator<SltRecord> {
  let block: Line[] = []
  let number = 0
  let loopDepth = 0
  const conditions: Condition[] = []
  const finish = (): SltRecord | undefined => {
    const record = block.length === 0 ? undefined : parseBlock(block, conditions.splice(0))
    block = []
    return record
  }
  for await (const raw of lines) {
    number += 1
    const text = raw.endsWith('\r') ? raw.slice(0, -1) : raw
    if (text.startsWith('#')) continue
    const words = text.trim().split(/\s+/)
    if (/^(?:loop|foreach|concurrentloop|concurrentforeach)$/.test(words[0]!) && !inQuery(block)) {
      if (loopDepth === 0) yield unsupported(number, `${words[0]!} of DuckDB's dialect`, 'record')
      loopDepth += 1
    } else if (words[0] === 'endloop' && loopDepth > 0) {
      loopDepth -= 1
      block = []
    } else if (loopDepth > 0) {
      continue
    } else if (text.trim() === '') {
      const record = finish()
      if (record !== undefined) yield record
    } else if (block.length === 0 && (words[0] === 'skipif' || words[0] === 'onlyif')) {
      conditions.push({ only: words[0] === 'onlyif', engine: (words[1] ?? '').toLowerCase() })
    } else {
      block.push({ text, number })
      if (block.length === 1 && standsAlone.has(words[0]!)) {
        const record = finish()
        if (record !== undefined) yield record
      }
    }
  }
  const record = finish()
  if (record !== undefined) yield record
}

const standsAlone: ReadonlySet<string> = new Set([
  'halt',
  'hash-threshold',
  'control',
  'require',
  'require-env',
  'mode',
  'load',
  'subtest',
])

function inQuery(block: readonly Line[]): boolean {
  return block.length > 0
}

function unsupported(line: number, reason: string, scope: 'record' | 'file'): SltRecord {
  return { kind: 'unsupported', line, conditions: [], reason, scope }
}

function parseBlock(
  block: readonly Line[],
  conditions: readonly Condition[],
): SltRecord | undefined {
  const [head, ...rest] = block
  const line = head!.number
  const words = head!.text.trim().split(/\s+/)
  switch (words[0]) {
    case 'statement':
      return parseStatement(head!, words, rest, conditions)
    case 'query':
      return parseQuery(head!, words, rest, conditions)
    case 'halt':
      return { kind: 'halt', line, conditions }
    case 'hash-threshold':
      return { kind: 'hash-threshold', line, conditions, valuesMax: Number(words[1] ?? 0) }
    case 'control':
      return { kind: 'control', line, conditions, name: words[1] ?? '', value: words[2] ?? '' }
    case 'subtest':
      return undefined
    case 'require':
    case 'require-env':
      return unsupported(line, `${words.slice(0, 2).join(' ')} of DuckDB's dialect`, 'file')
    default:
      return unsupported(line, `${words[0]!} is not a record of sqllogictest`, 'record')
  }
}

function parseStatement(
  head: Line,
  words: readonly string[],
  rest: readonly Line[],
  conditions: readonly Condition[],
): SltRecord {
  const { sql, expected } = splitBody(rest)
  const base = { kind: 'statement', line: head.number, conditions, sql } as const
  switch (words[1]) {
    case 'ok':
    case 'count':
      return { ...base, expect: 'ok' }
    case 'maybe':
      return { ...base, expect: 'maybe' }
    case 'error':
      return {
        ...base,
        expect: parseError(head.text.replace(/^\s*statement\s+error/, ''), expected),
      }
    default:
      return unsupported(head.number, `statement ${words[1] ?? ''}`, 'record')
  }
}

function parseQuery(
  head: Line,
  words: readonly string[],
  rest: readonly Line[],
  conditions: readonly Condition[],
): SltRecord {
  const { sql, expected } = splitBody(rest)
  const base = { kind: 'query', line: head.number, conditions, sql } as const
  if (words[1] === 'error') {
    const error = parseError(head.text.replace(/^\s*query\s+error/, ''), expected)
    return { ...base, types: '', sort: 'nosort', label: undefined, expect: error }
  }
  const options: Pick<QueryRecord, 'sort' | 'label'> = isSortMode(words[2])
    ? { sort: words[2], label: words[3] }
    : { sort: 'nosort', label: words[2] }
  return { ...base, ...options, types: words[1] ?? '', expect: expected ?? [] }
}

function isSortMode(word: string | undefined): word is SortMode {
  return word === 'nosort' || word === 'rowsort' || word === 'valuesort'
}

function splitBody(rest: readonly Line[]): {
  readonly sql: string
  readonly expected: readonly string[] | undefined
} {
  const texts = rest.map((line) => line.text)
  const divider = texts.findIndex((text) => text.trim() === '----')
  if (divider < 0) return { sql: texts.join('\n'), expected: undefined }
  return { sql: texts.slice(0, divider).join('\n'), expected: texts.slice(divider + 1) }
}

/** `(42P01)`, a regular expression, both, or the message's text after `----`. */
function parseError(inline: string, expected: readonly string[] | undefined): ExpectedError {
  const state = /^\s*\(([0-9A-Z]{5})\)/.exec(inline)
  const rest = inline.slice(state?.[0].length ?? 0).trim()
  const text = expected?.join('\n').trim() ?? ''
  const source = rest !== '' ? rest : text === '' ? undefined : patternOf(text)
  return {
    sqlState: state?.[1],
    pattern: source === undefined ? undefined : new RegExp(source, 'is'),
  }
}

function patternOf(text: string): string {
  const regex = /^<REGEX>:([\s\S]*)$/.exec(text)
  return regex?.[1] ?? text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
