import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { errorRegistry } from '../../src/base/errors.ts'
import { settings } from '../../src/engine/settings.ts'

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
  const rows = Object.entries(settings).map(([name, setting]) => {
    const takes = 'fixed' in setting ? 'cannot be changed' : setting.expected
    const initial = setting.initial === '' ? '' : `\`${setting.initial}\``
    return `| \`${name}\` | ${initial} | ${takes} | ${setting.doc} |`
  })
  return `# Settings

Generated from the session's settings; ${howTo}

\`SET name = value\` changes one for the session, \`RESET name\` brings its first value back, \`SHOW name\` and
\`SHOW ALL\` show them. *Accepted* means that clients set it and that it changes nothing here.

| name | at first | takes | meaning |
| --- | --- | --- | --- |
${rows.join('\n')}
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
