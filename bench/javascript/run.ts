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
  'booleans, times and intervals': `n % 3 = 0 as b, time '00:00' + n % 86400 * interval '1 second' as t,
    n * interval '1 second' as i`,
  'bytes, uuids and moments with a zone': `cast('text ' || n as bytea) as b, cast(md5(cast(n as text)) as uuid) as u,
    timestamptz '2020-01-01 00:00:00+00' + n * interval '1 second' as z`,
  'lists of integers': 'n, array[n, n + 1, n + 2] as l, array[n % 7, null] as m',
  'lists of texts and floats': `n, array['text ' || n, null, 'é'] as l, array[n / cast(8 as double precision)] as m`,
  json: `n, cast('{"a": ' || n || ', "b": [true, "x"]}' as json) as j, cast('[' || n || ']' as json) as k`,
  'long decimals': 'n, cast(n as decimal(38, 10)) / 3 as d, cast(n as decimal(30, 5)) as e',
}

/** What both engines write alike of a row, where that is not all of it as it is. */
const shownAs: Readonly<Record<string, string>> = {
  'booleans, times and intervals': 'cast(b as integer), cast(t as text), extract(epoch from i)',
  'bytes, uuids and moments with a zone': 'octet_length(b), cast(u as text), extract(epoch from z)',
  'lists of integers': 'n, l[1], l[3], m[1], m[2]',
  'lists of texts and floats': 'n, l[1], l[2], l[3], m[1]',
  json: 'n, cast(j as text), cast(k as text)',
  'long decimals': 'n, e, floor(d)',
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
    await verify(engines, title)
    for (const form of hostForms) {
      lines.push(await timed(engines, `${title}: ${form}`, 'select * from t', form, options))
    }
    const filtered = 'select * from marked where mark > 0'
    lines.push(await timed(engines, `${title}, filtered: objects`, filtered, 'objects', options))
    for (const engine of engines) {
      await engine.run('drop table t')
      await engine.run('drop table marked')
    }
  }
  for (const engine of engines) await engine.close()
  return lines
}

async function verify([ours, theirs]: Pair, title: string): Promise<void> {
  const few = `select ${shownAs[title] ?? '*'} from marked where mark > 0 order by 1, 2, 3 limit 1000`
  compareAnswers(title, await rowsOf(ours, few), await rowsOf(theirs, few))
}

async function timed(
  engines: Pair,
  name: string,
  sql: string,
  form: HostForm,
  { runs }: JavascriptOptions,
): Promise<Line> {
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
