import { QueryError } from '../../base/errors.ts'

/** The parts of a name as SQL writes it, folded where they stand in no quotes. Errors: INVALID_NAME. */
export function readName(text: string): readonly string[] {
  const parts: string[] = []
  let rest = text.trim()
  for (;;) {
    const quoted = /^"((?:[^"]|"")*)"/.exec(rest)
    const plain = quoted === null ? /^[^\s."(),]+/.exec(rest) : null
    const found = quoted ?? plain
    if (found === null || (quoted !== null && quoted[1] === '')) throw invalidName()
    parts.push(quoted === null ? found[0].toLowerCase() : (quoted[1] ?? '').replaceAll('""', '"'))
    rest = rest.slice(found[0].length).trimStart()
    if (rest === '') return parts
    if (!rest.startsWith('.')) throw invalidName()
    rest = rest.slice(1).trimStart()
  }
}

function invalidName(): QueryError {
  return new QueryError('INVALID_NAME', 'invalid name syntax')
}
