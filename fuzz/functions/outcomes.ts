import { EngineError, type EngineSession } from '../../sqllogictest/runner/engine.ts'

/** What a call comes to for a row. */
export type Outcome =
  | { readonly kind: 'value'; readonly value: string | null }
  | { readonly kind: 'error'; readonly sqlState: string; readonly message: string }

/** What a statement that is no call, or whose calls nobody can make, ends with. */
export interface Refusal {
  readonly kind: 'refused'
  readonly sqlState: string
  readonly message: string
}

/** Outcomes by the number of the row. */
export type Outcomes = ReadonlyMap<number, Outcome>

type Rows = readonly (readonly (string | null)[])[]

export async function ask(session: EngineSession, sql: string): Promise<Rows | EngineError> {
  try {
    return (await session.run(sql)).rows
  } catch (error) {
    if (error instanceof EngineError) return error
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error)
    return new EngineError(message, 'XX000')
  }
}

function valuesOf(rows: Rows): Outcomes {
  return new Map(rows.map(([id, value = null]) => [Number(id), { kind: 'value', value } as const]))
}

/**
 * What PostgreSQL makes of a call for every row of the table `v`. Where the statement raises, a function in
 * PL/pgSQL notes the error of each row; `concat` writes values as clients get them.
 */
export async function postgresOutcomes(
  session: EngineSession,
  call: string,
): Promise<Outcomes | Refusal> {
  const whole = await ask(session, `select v.id, ${call} from v`)
  if (!(whole instanceof EngineError)) return valuesOf(whole)
  if (whole.sqlState === '57014') return refusal(whole)
  // Templates of to_char that say nothing raise what statements do that say nothing: but only over rows.
  if (whole.sqlState.startsWith('42')) {
    const bare = await ask(session, `select v.id, ${call} from v where false`)
    if (bare instanceof EngineError) return refusal(whole)
  }
  const made = await ask(
    session,
    `create or replace function pg_temp.outcomes() returns table(row_id int, answer text, state text, said text)
     language plpgsql as $body$
     declare v record;
     begin
       for v in select * from pg_temp.v loop
         row_id := v.id; answer := null; state := null; said := null;
         begin
           answer := case when (${call}) is null then null else concat(${call}) end;
         exception when others then state := sqlstate; said := sqlerrm;
         end;
         return next;
       end loop;
     end $body$`,
  )
  if (made instanceof EngineError) return refusal(made)
  const rows = await ask(session, 'select * from pg_temp.outcomes()')
  if (rows instanceof EngineError) return refusal(rows)
  return new Map(
    rows.map(([id, value = null, sqlState = null, message]): [number, Outcome] => [
      Number(id),
      sqlState === null
        ? { kind: 'value', value }
        : { kind: 'error', sqlState, message: message ?? '' },
    ]),
  )
}

function refusal({ sqlState, message }: EngineError): Refusal {
  return { kind: 'refused', sqlState, message }
}

/** Statements that are spent on finding the rows which raise. */
const SEARCHES_MAX = 1_500

/**
 * What Heddle makes of a call for the rows of a table, which are numbered below `rows`. Where the statement
 * raises, halves are asked until the rows that raise are alone; undefined: there are too many of them.
 */
export async function heddleOutcomes(
  session: EngineSession,
  call: string,
  ids: readonly number[],
  table: string,
): Promise<Outcomes | undefined> {
  const outcomes = new Map<number, Outcome>()
  let searches = 0
  const search = async (from: number, to: number): Promise<boolean> => {
    if (from >= to) return true
    if (++searches > SEARCHES_MAX) return false
    const isWhole = from === 0 && to === ids.length
    const where = isWhole ? '' : ` where v.id between ${ids[from]} and ${ids[to - 1]}`
    const rows = await ask(session, `select v.id, ${call} from ${table} v${where}`)
    if (!(rows instanceof EngineError)) {
      for (const [id, outcome] of valuesOf(rows)) outcomes.set(id, outcome)
      return true
    }
    if (to - from === 1) {
      const { sqlState, message } = rows
      outcomes.set(ids[from]!, { kind: 'error', sqlState, message })
      return true
    }
    const middle = (from + to) >> 1
    return (await search(from, middle)) && (await search(middle, to))
  }
  return (await search(0, ids.length)) ? outcomes : undefined
}
