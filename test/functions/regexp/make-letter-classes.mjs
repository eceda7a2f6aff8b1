// Writes src/functions/text/letter-classes.ts from what PostgreSQL 15 says of every character.
// Run: node test/functions/regexp/make-letter-classes.mjs (needs psql, a UTF-8 database of C.UTF-8).
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'

const WIDTH = 92
const sql = `
  select i, chr(i) ~ '[[:alpha:]]', chr(i) ~ '[[:upper:]]', chr(i) ~ '[[:lower:]]',
    chr(i) ~ '[[:graph:]]'
  from generate_series(1, 1114111) i where i not between 55296 and 57343 order by i`
const rows = execFileSync('psql', ['-qAtXc', sql], { maxBuffer: 1 << 28, encoding: 'utf8' })
  .trim()
  .split('\n')
  .map((line) => line.split('|'))

/** Ranges as gaps and lengths in base 36, so that most are two characters. */
function encode(column) {
  const parts = []
  let last = 0
  let start = -1
  let previous = -2
  const close = () => {
    parts.push((start - last).toString(36), (previous - start).toString(36))
    last = previous
  }
  for (const row of rows) {
    const code = Number(row[0])
    if (row[column] !== 't') continue
    if (start < 0) start = code
    else if (code !== previous + 1) {
      close()
      start = code
    }
    previous = code
  }
  close()
  return parts.join(' ')
}

function wrapped(text) {
  const lines = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line.length + word.length + 1 > WIDTH) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line].map((text) => `  '${text}',`).join('\n')
}

const names = ['alpha', 'upper', 'lower', 'graph']
const tables = names
  .map(
    (name, at) =>
      `export const ${name}Ranges: readonly string[] = [\n${wrapped(encode(at + 1))}\n]\n`,
  )
  .join('\n')
writeFileSync(
  new URL('../../../src/functions/text/letter-classes.ts', import.meta.url),
  `// Made by test/functions/regexp/make-letter-classes.mjs from PostgreSQL 15 (C.UTF-8). Do not edit.

// Each table lists ranges of code points: the gap before one and its length less one, in base 36.

${tables}`,
)
