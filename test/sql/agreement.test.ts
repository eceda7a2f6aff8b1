import { beforeAll, describe, expect, test } from 'vitest'
import { seededRandom } from '../../src/base/world.ts'
import { corpusQueries } from './corpus.ts'
import { askOracle, askParser, loadOracle } from './oracle.ts'
import { postgresQueries, postgresStatements } from './statements.ts'

beforeAll(loadOracle)

/** Syntax of PostgreSQL's that has no tree here. */
const notOffered = /\b(?:xmlelement|search depth first|with i as \(insert)/

describe('agreement with PostgreSQL', () => {
  test.each([...postgresQueries, ...postgresStatements])('both accept: %s', (text) => {
    expect(askOracle(text).message).toBe('')
    expect(askParser(text).kind).toBe('accepted')
  })

  test.skipIf(corpusQueries.length === 0)('every query of the corpus is accepted', () => {
    const queries = corpusQueries.filter(
      ({ group, text }) => !/\*|ddl/.test(group) && !notOffered.test(text),
    )
    expect(queries.length).toBeGreaterThan(290)
    for (const { text } of queries) expect(askParser(text).kind, text).toBe('accepted')
  })

  test('the two judge random mutations of statements alike', () => {
    const seed = 77_001
    const random = seededRandom(seed)
    const below = (count: number): number => Math.floor(random.next() * count)
    const corpus = corpusQueries.filter(({ group }) => !/\*|ddl/.test(group)).map((q) => q.text)
    const texts = [...postgresQueries, ...corpus].filter((text) => text.length < 1500)
    const words = texts.map((text) => text.match(tokenPattern) ?? [])
    const positions = { same: 0, all: 0 }
    for (let round = 0; round < 6000; round += 1) {
      const tokens = [...words[below(words.length)]!]
      const at = below(tokens.length)
      const donor = words[below(words.length)]!
      const other = donor[below(donor.length)] ?? ','
      const action = below(4)
      if (action === 0) tokens.splice(at, 1)
      else if (action === 1) tokens[at] = other
      else if (action === 2) tokens.splice(at, 0, other)
      else tokens.splice(at, 1, tokens[at + 1] ?? ',', tokens[at] ?? ',')
      checkAgreement(tokens.join(' '), seed, positions)
    }
    // PostgreSQL may read one token further before it knows.
    expect(positions.same / positions.all).toBeGreaterThan(0.9)
  })
})

const tokenPattern =
  /\$\$.*?\$\$|[EeBbXxNn]?'(?:[^'\\]|''|\\.)*'|"(?:[^"]|"")*"|\w+|::|:=|=>|[<>=!~*@|&#?/%^+-]+|\S/g

/**
 * Known differences: what only newer PostgreSQL takes, extensions of ours, and what we know of
 * PostgreSQL without having a tree for it.
 */
const newer =
  /\b(?:json\w*|merge\w*|xml\w*|system_user|any_value|normalized|qualify|exclude|replace|rename|sample|semi|anti|asof|predict|within|into|local|model|from\s*(?:[a-z]?'|u&'|\$)|group by all|order by all|treat)\b/i

const wordLabel =
  /\b(?:and|or|is|in|i?like|between|similar|at|collate) (?:[,);]|from|where|group|order|union|limit|for|$)/i

/** FROM first, and the name of a column before its expression, are extensions. */
const reversed =
  /(?:^|[-+*/=<>(,|:;]|select|then|else|when|and|or|in) \[|(?:^|[(;] |\b(?:union|all|except|intersect|as) )from\b|[\w"] : /i

/** PostgreSQL's grammar takes a label behind `t.*` and refuses it later; ours refuses it at once. */
const starLabel = /\. \* (?:as )?[\w"]/i

function checkAgreement(
  text: string,
  seed: number,
  positions: { same: number; all: number },
): void {
  if (newer.test(text) || text === '') return
  const ours = askParser(text)
  if (ours.kind === 'not-offered') return
  const oracle = askOracle(text)
  // A label that is an operator's word counts only where no operator before it waits to be reduced.
  if ([wordLabel, starLabel, reversed].some((known) => known.test(text))) return
  expect(ours.kind === 'accepted', `seed ${seed}: ${text}\n${oracle.message}`).toBe(oracle.accepted)
  if (ours.kind !== 'rejected' || !oracle.message.startsWith('syntax error')) return
  const { message, details } = ours.error
  positions.all += 1
  if (message === oracle.message && details.span?.start === oracle.position) positions.same += 1
}
