import { present } from '../../../base/assert.ts'
import { values } from '../../logical/build.ts'
import { nullability } from '../../logical/columns-of.ts'
import type { Expression, Literal } from '../../logical/expression.ts'
import type { OutputColumn, Relation, UnionAll } from '../../logical/relation.ts'
import type { Rule, RuleContext } from '../rule.ts'

/**
 * `UnionAll(Values(x), Values(y)) = Values(x, y)`, for neighbours among the inputs whose rows are constants,
 * as `SELECT 1 UNION ALL SELECT 2`: each input is a pipeline of its own otherwise.
 */
export const mergeValues: Rule = {
  name: 'merge-values',
  order: 'bottom-up',
  about: ['union-all'],
  rewrite(relation, ctx) {
    if (relation.kind !== 'union-all') return undefined
    const runs = runsOf(relation)
    if (runs.length === relation.inputs.length) return undefined
    const [first] = runs
    if (runs.length === 1 && first?.kind === 'rows') return values(first.rows, relation.columns)
    const merged = runs.map((run) =>
      run.kind === 'rows' && run.inputs > 1 ? valuesOf(run.rows, relation.columns, ctx) : run,
    )
    return {
      ...relation,
      inputs: merged.map(({ input }) => input),
      inputColumns: merged.map(({ columns }) => columns),
    }
  },
}

type Row = readonly Literal[]
type InputColumns = UnionAll['inputColumns'][number]

/** Inputs one after another that are constant rows, or one that is not. */
type Run = Input & ({ readonly kind: 'input' } | ConstantRows)

interface Input {
  readonly input: Relation
  readonly columns: InputColumns
}

interface ConstantRows {
  readonly kind: 'rows'
  readonly rows: Row[]
  inputs: number
}

function runsOf({ inputs, inputColumns }: UnionAll): readonly Run[] {
  const runs: Run[] = []
  for (const [at, input] of inputs.entries()) {
    const columns = inputColumns[at] ?? []
    const rows = constantRows(input, columns)
    const last = runs.at(-1)
    if (rows === undefined) runs.push({ kind: 'input', input, columns })
    else if (last?.kind === 'rows') {
      for (const row of rows) last.rows.push(row)
      last.inputs++
    } else runs.push({ kind: 'rows', input, columns, rows: [...rows], inputs: 1 })
  }
  return runs
}

/** The rows of an input in the order of its union's columns; undefined where they are no constants. */
function constantRows(input: Relation, columns: InputColumns): readonly Row[] | undefined {
  if (input.kind === 'values') {
    const places = new Map(input.columns.map(({ id }, place) => [id, place]))
    const taken = columns.map((id) => present(places.get(id), 'column of a union'))
    return allLiterals(input.rows.map((row) => taken.map((place) => row[place])))
  }
  if (input.kind !== 'project' || input.input.kind !== 'values') return undefined
  const { length } = input.input.rows
  if (length !== 1) return undefined
  const made = new Map(input.exprs.map(({ id, expr }) => [id, expr]))
  return allLiterals([columns.map((id) => made.get(id))])
}

function allLiterals(
  rows: readonly (readonly (Expression | undefined)[])[],
): readonly Row[] | undefined {
  const found: Row[] = []
  for (const row of rows) {
    const literals = row.filter((expr) => expr?.kind === 'literal')
    if (literals.length < row.length) return undefined
    found.push(literals)
  }
  return found
}

/** Constant rows under columns of their own. */
function valuesOf(rows: readonly Row[], columns: readonly OutputColumn[], ctx: RuleContext): Input {
  const canBeNull = nullability([])
  const own = columns.map((column, at) => ({
    ...column,
    id: ctx.ids.next(),
    nullable: rows.some((row) => row[at] === undefined || canBeNull(row[at])),
  }))
  return { input: values(rows, own), columns: own.map(({ id }) => id) }
}
