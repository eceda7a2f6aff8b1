// Writes what is derived from grammar/: the parser's keyword table and the grammar's reference page.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

const wrapWidth = 92

function keywordRows() {
  const [, ...lines] = readFileSync(`${root}/grammar/keywords.csv`, 'utf8').trim().split('\n')
  return lines.map((line) => {
    const [word, keywordClass, label] = line.split(',')
    return { word, keywordClass, label }
  })
}

function wrapped(words) {
  const lines = ['']
  for (const word of words) {
    const last = lines.at(-1)
    if (last.length + word.length + 1 > wrapWidth) lines.push(word)
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`
  }
  return lines.map((line) => `  '${line}',`).join('\n')
}

/** The text of src/sql/generated/keywords.ts. */
export function keywordModule() {
  const rows = keywordRows()
  const constant = (name, doc, chosen) =>
    `/** ${doc} */\nexport const ${name}: readonly string[] = [\n${wrapped(chosen.map((row) => row.word))}\n]\n`
  const ofClass = (name) => rows.filter((row) => row.keywordClass === name)
  return [
    '// Generated from grammar/keywords.csv by scripts/generate-grammar.mjs. Do not edit.\n',
    constant('reservedWords', 'Never a name unless quoted or after AS.', ofClass('reserved')),
    constant(
      'typeFunctionWords',
      'Names of types and functions, not of columns and tables.',
      ofClass('type-function-name'),
    ),
    constant(
      'columnWords',
      'Names of columns and tables, not of functions and types.',
      ofClass('column-name'),
    ),
    constant('unreservedWords', 'Names everywhere.', ofClass('unreserved')),
    constant(
      'asLabelWords',
      'Labels of a column in a select list only after AS.',
      rows.filter((row) => row.label === 'as'),
    ),
  ].join('\n')
}

/** The productions of grammar/productions.txt. */
export function productions() {
  const found = []
  for (const line of readFileSync(`${root}/grammar/productions.txt`, 'utf8').split('\n')) {
    const head = /^(\w+) ::= (.*)$/.exec(line)
    if (head !== null) {
      found.push({ name: head[1], rightSide: head[2], extension: false, examples: [] })
    } else if (line.trim() === '[extension]') {
      found.at(-1).extension = true
    } else if (line.startsWith('  example: ')) {
      found.at(-1).examples.push(line.slice('  example: '.length))
    }
  }
  return found
}

/** The text of docs/reference/grammar.md. */
export function grammarPage() {
  const sections = productions().map(({ name, rightSide, extension, examples }) =>
    [
      `## ${name}${extension ? ' (extension)' : ''}\n`,
      `\`\`\`ebnf\n${name} ::= ${rightSide}\n\`\`\`\n`,
      `\`\`\`sql\n${examples.join('\n')}\n\`\`\`\n`,
    ].join('\n'),
  )
  const head =
    '# Grammar\n\nGenerated from `grammar/productions.txt`. What is marked as extension is not PostgreSQL.\n'
  return [head, ...sections].join('\n')
}

function write(path, text) {
  mkdirSync(dirname(`${root}/${path}`), { recursive: true })
  writeFileSync(`${root}/${path}`, text)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  write('src/sql/generated/keywords.ts', keywordModule())
  write('docs/reference/grammar.md', grammarPage())
}
