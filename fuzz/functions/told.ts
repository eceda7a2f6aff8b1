import { ask } from './outcomes.ts'
import { sqlOf, type Finding, type Peers } from './judge.ts'
import { createStatements } from './rows.ts'

/** A finding as statements that show it: constants alone where they do, else a table of its one row. */
export async function toldFinding(peers: Peers, finding: Finding, seed: number): Promise<string> {
  const { configuration, call, row, details } = finding
  const title = `\n-- ${call.callee.id}, ${configuration} (seed ${seed}): ${details}`
  if (row === undefined) return `${title}\nselect ${sqlOf(call)} from v;`
  const bare = `select ${sqlOf(call, row)}`
  const session = peers.heddle.find(([name]) => name === configuration)?.[1]
  if (session !== undefined) {
    const [ours, theirs] = [await ask(session, bare), await ask(peers.postgres, bare)]
    const isSame =
      ours instanceof Error || theirs instanceof Error
        ? ours instanceof Error && theirs instanceof Error && ours.sqlState === theirs.sqlState
        : ours[0]?.[0] === theirs[0]?.[0]
    if (!isSame) return `${title}\n${bare};`
  }
  const columns = [
    ...new Set(call.args.flatMap((arg) => ('column' in arg ? [arg.column] : []))),
  ].map((column) => ({ ...column, values: [column.values[row] ?? null] }))
  const table = createStatements('v', columns).map((statement) => `${statement};`)
  return [
    title,
    `-- row ${row} of the table; constants alone do not show it`,
    ...table,
    `select ${sqlOf(call)} from v;`,
  ].join('\n')
}
