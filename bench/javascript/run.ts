import { compareAnswers } from '../answers.ts'
import type { Rival } from '../builds.ts'
import { hostForms, inOrder, openPair, rowsOf, type HostForm, type Pair } from '../engines.ts'
import { measure } from '../measure.ts'
import type { Line } from '../report.ts'

/** Columns over `n`, from 0 on. */
const tables: Readonly<Record<string, string>> = {
  'integers and text': "n, cast(n as bigint) * 3000000000 as wide, 'text ' || n as s",
  'few texts': "n % 1000 as k, 'text ' || n % 50 as s, 'é' || n % 7 as t",
  'long texts': "n, n % 10 as m, 'a text that is a little longer than most are ' || n as s",
  'floats and small integers with NULLs':
    'case when n % 5 > 0 then n / cast(8 as double precision) end as f, cast(n % 3 as smallint) as b, nullif(n % 100, 7) as m',
  'decimals, dates and moments': `cast(n as decimal(12, 2)) as c, date '2020-01-01' + cast(n % 3000 as integer) as d,
    timestamp '2020-01-01' + n * interval '1 second' as ts`,
}

export interface JavascriptOptions {
  readonly rows: number
  readonly runs: number
  readonly against: Rival | undefined
}

/** From a query to all of its rows as plain JavaScript. */
export async function runJavascript(options: JavascriptOptions): Promise<readonly Line[]> {
  const { rows, against } = options
  const engines = await openPair(1, against)
  const lines: Line[] = []
  for (const [title, columns] of Object.entries(tables)) {
    for (const engine of inOrder(engines, against)) {
      await engine.run(
        `create table t as select ${columns} from generate_series(0, ${rows - 1}) t(n)`,
      )
      await engine.run(
        `create table marked as select ${columns}, 1 as mark from generate_series(0, ${rows - 1}) t(n)`,
      )
    }
    for (const form of hostForms) {
      lines.push(await timed(engines, `${title}: ${form}`, 'select * from t', form, options))
    }
    lines.push(
      await timed(
        engines,
        `${title}, filtered: objects`,
        'select * from marked where mark > 0',
        'objects',
        options,
      ),
    )
    for (const engine of engines) {
      await engine.run('drop table t')
      await engine.run('drop table marked')
    }
  }
  for (const engine of engines) await engine.close()
  return lines
}

async function timed(
  engines: Pair,
  name: string,
  sql: string,
  form: HostForm,
  { runs }: JavascriptOptions,
): Promise<Line> {
  const [ours, theirs] = engines
  const few = `select * from (${sql}) q order by 1, 2, 3 limit 1000`
  compareAnswers(name, await rowsOf(ours, few), await rowsOf(theirs, few))
  const contenders = engines.map((engine) => ({
    name: engine.name,
    async run() {
      const answer = await engine.ask(sql)
      await answer.as(form)
    },
  }))
  const timings = await measure(contenders, { warmUpRuns: 2, warmUpMs: 500, runs })
  return { name, threads: 1, ours: timings[0]!, theirs: timings[1]! }
}
