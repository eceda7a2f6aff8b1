import { layoutBytes, widestLayout } from '../../data/vectors/vector.ts'
import { unreachable } from '../../base/assert.ts'
import type { TableEntry } from '../catalog/catalog.ts'
import { conjuncts } from '../logical/build.ts'
import type { ColumnId, Expression, NamedExpression } from '../logical/expression.ts'
import type { CteReference, Expand, Join, Relation, Scan } from '../logical/relation.ts'
import { visitRelation } from '../logical/walk.ts'
import { equalityOf } from './conditions.ts'
import { realLiteral, realValue } from './integer-value.ts'
import { predicateSelectivity } from './selectivity.ts'
import type { ColumnProfile, RelationProfile } from './profile.ts'

/** Estimates the relations of one plan; remembers what it has estimated. */
export interface Estimator {
  profile(relation: Relation): RelationProfile
  /** Rows that a join of inputs with these profiles gives, for joins that are not yet built. */
  innerJoin(
    left: RelationProfile,
    right: RelationProfile,
    on: readonly Expression[],
  ): RelationProfile
}

/** An estimator for a plan and whatever is built from its parts. */
export function newEstimator(root: Relation): Estimator {
  // Most plans have none.
  let definitions: ReadonlyMap<number, Relation> | undefined
  const definitionOf: FindDefinition = (cteId) => (definitions ??= definitionsIn(root)).get(cteId)
  const known = new Map<Relation, RelationProfile>()
  const estimator: Estimator = {
    profile: (relation) => {
      let profile = known.get(relation)
      if (profile === undefined) {
        profile = profileOf(estimator, definitionOf, relation)
        known.set(relation, profile)
      }
      return profile
    },
    innerJoin,
  }
  return estimator
}

/** What a CTE is, and what a recursion begins with. */
type FindDefinition = (id: number) => Relation | undefined

function definitionsIn(root: Relation): ReadonlyMap<number, Relation> {
  const definitions = new Map<number, Relation>()
  visitRelation(root, {
    relation: (relation) => {
      if (relation.kind === 'with') definitions.set(relation.cteId, relation.definition)
      if (relation.kind === 'recursion') definitions.set(relation.recursionId, relation.base)
    },
  })
  return definitions
}

/** What a text takes in a row, its bytes aside, is small: this is with them. */
const TEXT_BYTES = 24

/** Average bytes of a row in memory, for choosing what to move. */
export function rowBytes(relation: Pick<Relation, 'columns'>): number {
  let bytes = 0
  for (const { type } of relation.columns) {
    const layout = widestLayout(type)
    bytes += layout === 'utf8' ? TEXT_BYTES : Math.max(1, layoutBytes[layout])
  }
  return Math.max(1, bytes)
}

/** How many distinct combinations of values these expressions have over so many rows. */
export function distinctCount(profile: RelationProfile, exprs: readonly Expression[]): number {
  let product = 1
  let cap = 1
  for (const expr of exprs) {
    const column = expressionProfile(profile, expr)
    product *= Math.max(1, column.domain)
    cap = Math.max(cap, column.domainRows)
  }
  return Math.max(1, Math.min(product, cap, profile.rows))
}

const unknownDomain = 1000

/** Rounds of a recursion, each of as many rows as it begins with. */
const ROUNDS_EXPECTED = 10

export function expressionProfile(profile: RelationProfile, expr: Expression): ColumnProfile {
  if (expr.kind === 'column') {
    const column = profile.columns.get(expr.id)
    if (column !== undefined) return column
  }
  if (expr.kind === 'cast') {
    const column = expressionProfile(profile, expr.arg)
    return { ...column, min: undefined, max: undefined }
  }
  if (expr.kind === 'literal') {
    const value = realLiteral(expr.value, expr.type)
    const nullFraction = expr.value === null ? 1 : 0
    return { domain: 1, domainRows: 1, nullFraction, min: value, max: value }
  }
  return computedProfile(profile, expr)
}

/** A computed value has at most as many distinct values as its arguments have together. */
function computedProfile(profile: RelationProfile, expr: Expression): ColumnProfile {
  let domain = 1
  let domainRows = 1
  let found = false
  const visit = (part: Expression): void => {
    if (part.kind === 'column') {
      const column = profile.columns.get(part.id)
      found = true
      domain *= column?.domain ?? unknownDomain
      domainRows = Math.max(domainRows, column?.domainRows ?? profile.rows)
    } else if (part.kind === 'call') part.args.forEach(visit)
    else if (part.kind === 'cast') visit(part.arg)
    else if (part.kind === 'case') {
      part.branches.forEach((branch) => visit(branch.then))
      visit(part.otherwise)
    }
  }
  visit(expr)
  if (expr.type.kind === 'bool') domain = Math.min(2, domain)
  const kinds = found ? Math.min(domain, domainRows, computedDomain(expr, domain)) : 1
  return { domain: kinds, domainRows, nullFraction: 0, min: undefined, max: undefined }
}

/** Functions that fold many values into few, as the parts of a date. */
function computedDomain(expr: Expression, domain: number): number {
  if (expr.kind !== 'call') return domain
  return expr.fn.distinctValues?.(domain) ?? domain
}

function profileOf(
  estimator: Estimator,
  definitionOf: FindDefinition,
  relation: Relation,
): RelationProfile {
  switch (relation.kind) {
    case 'scan':
      return scanProfile(relation)
    case 'values':
      return { rows: relation.rows.length, columns: valueColumns(relation.rows.length, relation) }
    case 'filter': {
      const input = estimator.profile(relation.input)
      return filtered(input, conjuncts(relation.predicate))
    }
    case 'project': {
      const input = estimator.profile(relation.input)
      return { rows: input.rows, columns: namedColumns(input, relation.exprs) }
    }
    case 'join':
    case 'apply':
      return joinProfile(
        estimator.profile(relation.left),
        estimator.profile(relation.right),
        relation,
      )
    case 'aggregate': {
      const input = estimator.profile(relation.input)
      const exprs = relation.keys.map(({ expr }) => expr)
      const rows = exprs.length === 0 ? 1 : distinctCount(input, exprs)
      const columns = new Map(namedColumns(input, relation.keys))
      for (const { id } of relation.aggregates) columns.set(id, plainColumn(rows))
      return { rows, columns }
    }
    case 'window': {
      const input = estimator.profile(relation.input)
      const columns = new Map(input.columns)
      for (const { id } of relation.calls) columns.set(id, plainColumn(input.rows))
      return { rows: input.rows, columns }
    }
    case 'sort': {
      const input = estimator.profile(relation.input)
      return { ...input, rows: Math.min(input.rows, relation.limitRows ?? Infinity) }
    }
    case 'limit': {
      const input = estimator.profile(relation.input)
      const limit = relation.limit?.kind === 'literal' ? relation.limit.value : null
      return { ...input, rows: limit === null ? input.rows : Math.min(input.rows, Number(limit)) }
    }
    case 'expand':
      return expandProfile(estimator.profile(relation.input), relation)
    case 'union-all':
      return unionProfile(relation.inputs.map(estimator.profile), relation)
    case 'with':
      return estimator.profile(relation.input)
    case 'cte-reference':
      return referenceProfile(estimator, definitionOf, relation)
    case 'recursion': {
      const rows = estimator.profile(relation.base).rows * ROUNDS_EXPECTED
      return { rows, columns: valueColumns(rows, relation) }
    }
    case 'working-table': {
      const base = definitionOf(relation.recursionId)
      const rows = base === undefined ? unknownDomain : estimator.profile(base).rows
      return { rows, columns: valueColumns(rows, relation) }
    }
    default:
      return unreachable(relation)
  }
}

function referenceProfile(
  estimator: Estimator,
  definitionOf: FindDefinition,
  relation: CteReference,
): RelationProfile {
  const definition = definitionOf(relation.cteId)
  const input = definition && estimator.profile(definition)
  const rows = input?.rows ?? unknownDomain
  const columns = relation.columns.map((column, i) => {
    const source = relation.definitionColumns[i]
    const known = source === undefined ? undefined : input?.columns.get(source)
    return [column.id, known ?? plainColumn(rows)] as const
  })
  return { rows, columns: new Map(columns) }
}

/** As many rows as the longest function gives. */
function expandProfile(input: RelationProfile, { calls, columns }: Expand): RelationProfile {
  const counts = calls.map(({ fn, args }) =>
    fn.rowsOf(args.map((arg) => (arg.kind === 'literal' ? arg.value : undefined))),
  )
  const rows = input.rows * (counts.length === 0 ? 1 : Math.max(...counts))
  const made = columns.filter(({ id }) => !input.columns.has(id))
  return {
    rows,
    columns: new Map([...input.columns, ...made.map(({ id }) => [id, plainColumn(rows)] as const)]),
  }
}

function plainColumn(rows: number): ColumnProfile {
  return { domain: rows, domainRows: rows, nullFraction: 0, min: undefined, max: undefined }
}

function namedColumns(
  input: RelationProfile,
  exprs: readonly NamedExpression[],
): ReadonlyMap<ColumnId, ColumnProfile> {
  return new Map(exprs.map(({ id, expr }) => [id, expressionProfile(input, expr)]))
}

function valueColumns(rows: number, relation: Relation): ReadonlyMap<ColumnId, ColumnProfile> {
  return new Map(relation.columns.map(({ id }) => [id, plainColumn(rows)]))
}

function scanProfile(scan: Scan): RelationProfile {
  const { table } = scan
  const rows = table.statistics.rows
  const columns = new Map<ColumnId, ColumnProfile>()
  for (const [i, { id }] of scan.columns.entries()) {
    const position = scan.sourceColumns[i]
    if (position !== undefined) columns.set(id, tableColumn(table, position, rows))
  }
  return filtered({ rows, columns }, scan.filters)
}

function tableColumn(table: TableEntry, position: number, rows: number): ColumnProfile {
  const statistics = table.statistics.columns[position]
  const type = table.columns[position]?.type
  if (statistics === undefined || type === undefined) {
    return { ...plainColumn(Math.min(rows, unknownDomain)), domainRows: rows }
  }
  const min = statistics.min === undefined ? undefined : realValue(statistics.min, type)
  const max = statistics.max === undefined ? undefined : realValue(statistics.max, type)
  let domain = statistics.distinct ?? Math.min(rows, type.kind === 'bool' ? 2 : unknownDomain)
  if (statistics.distinct === undefined && min !== undefined && max !== undefined) {
    const unit = type.kind === 'date' ? 86_400_000_000 : 1
    domain = Math.min(rows, (max - min) / unit + 1)
  }
  const nullFraction = rows === 0 ? 0 : statistics.nullCount / rows
  return { domain: Math.max(1, domain), domainRows: Math.max(1, rows), nullFraction, min, max }
}

function filtered(input: RelationProfile, predicates: readonly Expression[]): RelationProfile {
  if (predicates.length === 0) return input
  return { ...input, rows: input.rows * predicateSelectivity(input, predicates) }
}

/** Columns of many tables are put together where somebody asks for them: most pairs are tried and not taken. */
function joined(left: RelationProfile, right: RelationProfile, rows: number): RelationProfile {
  let columns: RelationProfile['columns'] | undefined
  return {
    rows,
    get columns() {
      columns ??= new Map([...left.columns, ...right.columns])
      return columns
    },
  }
}

function innerJoin(
  left: RelationProfile,
  right: RelationProfile,
  on: readonly Expression[],
): RelationProfile {
  const pairs = left.rows * right.rows
  const { selectivity, rest } = matchSelectivity(left, right, on)
  const others = rest.length === 0 ? 1 : predicateSelectivity(joined(left, right, pairs), rest)
  return joined(left, right, pairs * selectivity * others)
}

/**
 * The chance that a pair of rows has equal keys: one over the larger domain; where several keys
 * together identify the rows of a table, one over the rows of the smaller such table.
 */
function matchSelectivity(
  left: RelationProfile,
  right: RelationProfile,
  on: readonly Expression[],
): { readonly selectivity: number; readonly rest: readonly Expression[] } {
  const rest: Expression[] = []
  const pairs: (readonly [ColumnProfile, ColumnProfile])[] = []
  for (const conjunct of on) {
    const equality = equalityOf(conjunct, left.columns, right.columns)
    if (equality === undefined) rest.push(conjunct)
    else {
      const { left: a, right: b } = equality
      pairs.push([expressionProfile(left, a), expressionProfile(right, b)])
    }
  }
  if (pairs.length === 0) return { selectivity: 1, rest }
  const rows = [left.rows, right.rows] as const
  const sides = ([0, 1] as const).map((side) => {
    const product = pairs.reduce((total, pair) => {
      const own = pairs.length > 1 ? pair[side].domain : sharedDomain(pair, side, rows[side])
      return total * own
    }, 1)
    const cap = Math.max(...pairs.map((pair) => pair[side].domainRows))
    return { domain: Math.min(product, cap), capped: pairs.length > 1 && product >= cap }
  })
  const capped = sides.filter((side) => side.capped).map(({ domain }) => domain)
  const domain =
    capped.length > 0 ? Math.min(...capped) : Math.max(...sides.map((side) => side.domain))
  const nulls = pairs.reduce((t, [a, b]) => t * (1 - a.nullFraction) * (1 - b.nullFraction), 1)
  return { selectivity: nulls / Math.max(1, domain), rest }
}

/** Ranges of keys that have more in common than this are taken for the same. */
const SHARED_PART_MAX = 0.5

/**
 * How many values one side's key has where the other side has some too. A table that was filtered down to
 * fewer rows is taken to have been filtered for what occurs there: of a calendar of 200 years one asks for
 * the days of the few that have sales.
 */
function sharedDomain(
  pair: readonly [ColumnProfile, ColumnProfile],
  side: 0 | 1,
  rows: number,
): number {
  const [{ domain, min, max }, other] = side === 0 ? pair : [pair[1], pair[0]]
  if (min === undefined || max === undefined || max <= min) return domain
  if (other.min === undefined || other.max === undefined || rows >= domain) return domain
  const shared = (Math.min(max, other.max) - Math.max(min, other.min)) / (max - min)
  return shared < 0 || shared > SHARED_PART_MAX ? domain : Math.max(1, rows, domain * shared)
}

function joinProfile(
  left: RelationProfile,
  right: RelationProfile,
  join: Pick<Join, 'joinKind' | 'condition' | 'markColumn'>,
): RelationProfile {
  const on = conjuncts(join.condition)
  const inner = innerJoin(left, right, on)
  switch (join.joinKind) {
    case 'inner':
      return inner
    case 'left':
      return { ...inner, rows: Math.max(inner.rows, left.rows) }
    case 'right':
      return { ...inner, rows: Math.max(inner.rows, right.rows) }
    case 'full':
      return { ...inner, rows: Math.max(inner.rows, left.rows, right.rows) }
    case 'single':
      return { ...inner, rows: left.rows }
    case 'mark': {
      const columns = new Map(left.columns)
      if (join.markColumn) columns.set(join.markColumn.id, { ...plainColumn(2), domainRows: 2 })
      return { rows: left.rows, columns }
    }
    case 'semi':
    case 'anti': {
      const expected = left.rows === 0 ? 0 : inner.rows / left.rows
      const matched = semiFraction(left, right, on) ?? 1 - Math.exp(-expected)
      const fraction = join.joinKind === 'semi' ? matched : 1 - matched
      return { ...left, rows: left.rows * Math.min(1, Math.max(0.02, fraction)) }
    }
    default:
      return unreachable(join.joinKind)
  }
}

/**
 * The part of the left keys that is found on the right, if the right's are among the left's: several keys
 * together have no more values than their table has rows.
 */
function semiFraction(
  left: RelationProfile,
  right: RelationProfile,
  on: readonly Expression[],
): number | undefined {
  const keys = on.flatMap((conjunct) => equalityOf(conjunct, left.columns, right.columns) ?? [])
  if (keys.length === 0) return undefined
  const present = distinctCount(
    right,
    keys.map((key) => key.right),
  )
  const all = distinctCount(
    { ...left, rows: Number.POSITIVE_INFINITY },
    keys.map((key) => key.left),
  )
  return Math.min(1, present / all)
}

function unionProfile(
  inputs: readonly RelationProfile[],
  relation: Extract<Relation, { kind: 'union-all' }>,
): RelationProfile {
  const rows = inputs.reduce((total, input) => total + input.rows, 0)
  const columns = relation.columns.map(({ id }, position) => {
    let domain = 0
    for (const [i, input] of inputs.entries()) {
      const source = relation.inputColumns[i]?.[position]
      domain += (source === undefined ? undefined : input.columns.get(source)?.domain) ?? input.rows
    }
    return [id, { ...plainColumn(rows), domain: Math.max(1, Math.min(rows, domain)) }] as const
  })
  return { rows, columns: new Map(columns) }
}
