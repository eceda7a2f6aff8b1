import type { Chooser } from '../chooser.ts'
import { expression, settled, type Reference, type Scope } from './expressions.ts'
import { piece, sql, type Piece } from './piece.ts'
import { kinds, type Kind } from './schema.ts'

/** Equal values of these may look different: what is put in order must tell them apart. */
const standing: ReadonlySet<Kind> = new Set(['numeric', 'interval', 'float'])

/**
 * Gives the partitions and orders of a SELECT's windows, and nothing once there may be no more. The order is
 * by all columns of the rows: rows that are peers all the same are the same in everything, so whose turn is
 * first does not show. It would where two windows took them in different orders, so there is either one
 * call or one window for all.
 */
export function windowsOf(choose: Chooser, rows: readonly Reference[]): () => string | undefined {
  const make = (): string => `${partitioned(choose, rows)}${ordered(choose, rows)}`
  if (choose.chance(0.6)) {
    const shared = make()
    return () => shared
  }
  let made: string | undefined
  return () => (made === undefined ? (made = make()) : undefined)
}

/** A window function or an aggregate over a window of those of {@link windowsOf}, of that kind. */
export function windowCall(
  scope: Scope,
  rows: readonly Reference[],
  kind: Kind,
  window: string,
): Piece {
  const { choose } = scope
  const over = sql` over (${window}${frame(choose)})`
  const own = { ...scope, depth: Math.min(scope.depth, 2), columns: rows }
  return piece(settled(kind, sql`${call(own, kind)}${over}`).parts, [expression(own, kind)])
}

function call(scope: Scope, kind: Kind): Piece {
  const { choose } = scope
  const filter = choose.chance(0.2) ? sql` filter (where ${expression(scope, 'bool')})` : ''
  const value = (): Piece => expression(scope, kind)
  const near = (): Piece => {
    const name = choose.pick(['lag', 'lead', 'nth_value'])
    const count = choose.between(1, 3)
    const standIn = name !== 'nth_value' && choose.chance(0.3) ? sql`, ${value()}` : ''
    return sql`${name}(${value()}, ${String(count)}${standIn})`
  }
  const ends = (): Piece =>
    sql`${choose.pick(['first_value', 'last_value', 'lag', 'lead'])}(${value()})`
  const extreme = (): Piece =>
    kind === 'bool'
      ? sql`${choose.pick(['bool_and', 'bool_or'])}(${value()})${filter}`
      : sql`${choose.pick(['min', 'max'])}(${value()})${filter}`
  const makers = [near, ends, extreme]
  if (kind === 'int') {
    makers.push(
      () => piece([choose.pick(['row_number()', 'rank()', 'dense_rank()', 'ntile(3)'])]),
      () => sql`count(${expression(scope, choose.pick(kinds))})${filter}`,
    )
  }
  if (kind === 'numeric') {
    const of = (): Piece => expression(scope, choose.pick<Kind>(['int', 'numeric']))
    makers.push(() => sql`${choose.pick(['avg', 'stddev_pop'])}(${of()})${filter}`)
  }
  if (kind === 'float') {
    makers.push(
      () => piece([choose.pick(['percent_rank()', 'cume_dist()'])]),
      () => sql`${choose.pick(['sum', 'avg'])}(${value()})${filter}`,
    )
  }
  if (kind === 'interval') makers.push(() => sql`sum(${value()})${filter}`)
  return choose.pick(makers)()
}

function partitioned(choose: Chooser, rows: readonly Reference[]): string {
  const keys = choose.some(0, 2, () => choose.pick(rows).text)
  return keys.length === 0 ? '' : `partition by ${keys.join(', ')} `
}

function ordered(choose: Chooser, rows: readonly Reference[]): string {
  const keys = rows.flatMap(({ text, kind }) => {
    const way = choose.pick(['', ' desc', ' nulls first', ' desc nulls last'])
    return standing.has(kind) ? [`${text}${way}`, `${text}::text`] : [`${text}${way}`]
  })
  return `order by ${keys.join(', ')}`
}

const starts = ['unbounded preceding', '2 preceding', '1 preceding', 'current row', '1 following']
const ends = ['1 preceding', 'current row', '1 following', '3 following', 'unbounded following']

function frame(choose: Chooser): string {
  if (choose.chance(0.4)) return ''
  const unit = choose.pick(['rows', 'groups', 'range'])
  const fits = (bound: string): boolean => unit !== 'range' || !/^\d/.test(bound)
  const start = choose.pick(starts.filter(fits))
  const behind = starts.indexOf(start) >= 3 ? ends.slice(starts.indexOf(start) - 2) : ends
  const end = choose.pick(behind.filter(fits))
  const exclude = choose.pick(['', '', ' exclude current row', ' exclude group', ' exclude ties'])
  return ` ${unit} between ${start} and ${end}${exclude}`
}
