import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { errorRegistry } from '../../src/base/errors.ts'
import { settings, type Setting } from '../../src/engine/settings/settings.ts'

const howTo = '`UPDATE=1 npx vitest run test/docs/reference-pages` rewrites it.'

function errorsPage(): string {
  const rows = Object.entries(errorRegistry).map(
    ([code, { sqlState, http, blame }]) => `| \`${code}\` | ${sqlState} | ${http} | ${blame} |`,
  )
  return `# Errors

Generated from the error registry; ${howTo}

A failed statement throws a \`QueryError\`: \`code\` is its name here, \`sqlState\` PostgreSQL's code, which
drivers match on, and \`details\` says where (\`span\`, \`file\`, \`row\`, \`column\`), what was expected and
found, and a hint. The HTTP door answers with the status. *Blame* says who can mend it: the query's
author, whoever owns the data, whoever runs the machine, or Heddle.

| code | SQLSTATE | HTTP | blame |
| --- | --- | --- | --- |
${rows.join('\n')}
`
}

function settingsPage(): string {
  const all: [string, Setting][] = Object.entries(settings)
  const own = all.filter(([, { isHint }]) => isHint !== true)
  const rows = own.map(([name, setting]) => {
    const initial = setting.initial === '' ? '' : `\`${setting.initial}\``
    return `| \`${name}\` | ${initial} | ${setting.expected} | ${setting.doc} |`
  })
  const hints = all.filter(([, { isHint }]) => isHint === true)
  const hintRows = hints.map(
    ([name, { initial, expected, show }]) =>
      `| \`${name}\` | \`${show?.(initial) ?? initial}\` | ${expected} |`,
  )
  return `# Settings

Generated from the session's settings; ${howTo}

\`SET name = value\` changes one for the session, \`SET LOCAL\` until the end of the transaction; a transaction
that is rolled back takes back what was set in it. \`RESET name\` brings the first value back, \`SHOW name\` and
\`SHOW ALL\` show them. A value that PostgreSQL takes and Heddle cannot follow raises 0A000. Names with a dot,
as \`myapp.user\`, are yours: they are kept and shown.

| name | at first | takes | meaning |
| --- | --- | --- | --- |
${rows.join('\n')}

These are PostgreSQL's hints for planning and memory. They change no answer, so they are taken and shown, with a
notice that Heddle makes no use of them.

| name | at first | takes |
| --- | --- | --- |
${hintRows.join('\n')}
`
}

for (const [file, page] of [
  ['errors.md', errorsPage()],
  ['settings.md', settingsPage()],
] as const) {
  test(`docs/reference/${file} shows what is in the code`, () => {
    const path = new URL(`../../docs/reference/${file}`, import.meta.url)
    if (process.env['UPDATE'] === '1') writeFileSync(path, page)
    expect(existsSync(path) ? readFileSync(path, 'utf8') : '').toBe(page)
  })
}
