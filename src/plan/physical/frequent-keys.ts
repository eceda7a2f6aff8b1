import { present } from '../../base/assert.ts'
import { bool, float8, int4, int8 } from '../../data/types/data-type.ts'
import { mathFunctions } from '../../functions/math/functions.ts'
import { call, caseOf, castTo, columnReference, literal, or } from '../logical/build.ts'
import type { ColumnId, Expression } from '../logical/expression.ts'
import { compared, tested } from '../logical/predicates.ts'
import type { OutputColumn } from '../logical/relation.ts'
import { exchange, spread, type Distributed } from './distribution.ts'
import type { Placing } from './operators/operator.ts'
import { partialAndFinal } from './partial-and-final.ts'
import {
  keepsProbe,
  notesMatches,
  type Exchange,
  type HashJoin,
  type PhysicalPlan,
} from './plan.ts'
import { readAgain } from './read-again.ts'
import { asTheyAre, intColumn, repeated } from './repeated-rows.ts'
import { cardinal, operation } from './row-arithmetic.ts'

/** A key of more rows on a side is divided between tasks. */
const FREQUENT_ROWS_MIN = 4_096
/** Into so many. */
const DIVIDED_BY = 16
/** Rows whose key is NULL go to so many. */
const NULLS_DIVIDED_BY = 4_096

/** Ids of one join's own columns, and of those that it reads again. Those of the query are positive. */
const OWN_IDS_BEGIN = -1_000_000_000_000
const OWN_IDS_STEP = 1_000
const READ_IDS_BEGIN = -10_000_000_000_000
/** No two ids of a query are so far from each other. */
const READ_IDS_STEP = 10_000_400_009

/** A number from 0 up to another, for each row another one. */
function anyNumber(below: number): Expression {
  const random = present(
    mathFunctions.find(({ name }) => name === 'random'),
    'random',
  )
  const scaled = operation('*', call(random, [], float8), literal(below, float8))
  // A cast rounds.
  return castTo(operation('-', scaled, literal(0.5, float8)), int4)
}

/** Rows of one side of a join, and keys to divide them by: such as have no match, as a key is NULL, are in all tasks. */
export function withNullsScattered(
  input: PhysicalPlan,
  keys: readonly Expression[],
  nullSafe: readonly boolean[],
  id: number,
): Exchange {
  const isNull = or(keys.filter((_, at) => nullSafe[at] !== true).map((key) => tested(key, 'null')))
  const column = intColumn((OWN_IDS_BEGIN - id * OWN_IDS_STEP) as ColumnId, 'scattered')
  const anywhere = { when: isNull, then: anyNumber(NULLS_DIVIDED_BY) }
  const expr = caseOf([anywhere], literal(0, int4))
  const rows: PhysicalPlan = {
    kind: 'project',
    input,
    exprs: [...asTheyAre(input.columns), { id: column.id, name: column.name, expr }],
    columns: [...input.columns, column],
    rows: input.rows,
  }
  return exchange(rows, { kind: 'hash', keys: [...keys, columnReference(column)] })
}

/** A side of a join whose rows are kept as they are made, to be read twice. */
interface Side {
  readonly rows: Exchange
  readonly keys: readonly Expression[]
  /** Its keys that very many of its rows have, each once; undefined where nothing is made of it. */
  readonly frequent: PhysicalPlan | undefined
  /** Numbers its columns apart from those of others. */
  readonly number: number
}

/**
 * A join of rows of which very many have one key: rows of such a key are divided between tasks, and those of the other side that have
 * it are sent to each of these. Every pair meets in one task. Undefined where the join gives rows of both sides that have no match,
 * as a row that is in several tasks would be given by each.
 */
export function withFrequentKeys(
  plan: HashJoin,
  probe: Distributed,
  build: Distributed,
  { fresh }: Pick<Placing, 'fresh'>,
): Distributed | undefined {
  const { joinKind } = plan
  const dividesProbe = !notesMatches(joinKind)
  const dividesBuild = !keepsProbe(joinKind) && joinKind !== 'semi'
  if (!dividesProbe && !dividesBuild) return undefined
  const sides = [
    side(probe, plan.probeKeys, dividesProbe, fresh()),
    side(build, plan.buildKeys, dividesBuild, fresh()),
  ] as const
  const [ofProbe, ofBuild] = [placed(sides, 0), placed(sides, 1)]
  const more = ofProbe.places.length
  return {
    plan: {
      ...plan,
      probe: hashed(ofProbe, plan.probeKeys),
      build: hashed(ofBuild, plan.buildKeys),
      probeKeys: [...plan.probeKeys, ...ofProbe.places],
      buildKeys: [...plan.buildKeys, ...ofBuild.places],
      nullSafe: [...plan.nullSafe, ...Array.from({ length: more }, () => false)],
      distribution: 'hash',
    },
    distribution: spread,
  }
}

function side(
  { plan }: Distributed,
  keys: readonly Expression[],
  isDivided: boolean,
  number: number,
): Side {
  const rows: Exchange = { ...exchange(plan, { kind: 'stay' }), cteId: idOf(number, 0) }
  return { rows, keys, frequent: isDivided ? frequentOf(rows, keys, number) : undefined, number }
}

function idOf(side: number, at: number): ColumnId {
  return (OWN_IDS_BEGIN - side * OWN_IDS_STEP - at) as ColumnId
}

/** Positions among a side's own ids. */
const FREQUENT = 1
const COUNT = 2
const MARK = 3
const OWN_PLACE = 5
const FIRST_PLACE = 6
const LAST_PLACE = 7
const OTHER_PLACE = 8
const KEYS = 20

function frequentOf(rows: Exchange, keys: readonly Expression[], number: number): PhysicalPlan {
  const { input, again } = readAgain(rows, READ_IDS_BEGIN - number * READ_IDS_STEP)
  const named = keys.map((key, at) => ({
    id: idOf(number, KEYS + at),
    name: 'key',
    expr: again(key),
  }))
  const count = { id: idOf(number, COUNT), name: 'count', type: int8, nullable: false }
  const columns = [
    ...named.map(({ id, name, expr: { type } }) => ({ id, name, type, nullable: true })),
    count,
  ]
  const counted = { ...count, accumulator: 'count-star', arg: undefined } as const
  const call = { ...counted, filter: undefined, distinct: false, fitsInt64: true } as const
  const groups = partialAndFinal(
    {
      kind: 'hash-aggregate',
      input,
      keys: named,
      aggregates: [call],
      columns,
      rows: rows.rows,
      phase: 'single',
    },
    input,
    0,
  ).plan
  const predicate = compared('>=', columnReference(count), cardinal(FREQUENT_ROWS_MIN))
  const filtered: PhysicalPlan = { kind: 'filter', input: groups, predicate, columns, rows: 1 }
  return { ...exchange(filtered, { kind: 'broadcast' }), cteId: idOf(number, FREQUENT) }
}

interface PlacedSide {
  readonly rows: PhysicalPlan
  /** What says in which of the tasks of its key a row is: once for each side whose rows are divided. */
  readonly places: readonly Expression[]
}

interface WithPlace {
  readonly rows: PhysicalPlan
  readonly place: OutputColumn
}

/** The rows of one of the sides with their places: a place of their own among those that divide their key, and all places of the other side. */
function placed(sides: readonly [Side, Side], at: 0 | 1): PlacedSide {
  const own = sides[at]
  const places: Expression[] = []
  let rows: PhysicalPlan = own.rows
  for (const [index, other] of sides.entries()) {
    if (other.frequent === undefined) continue
    const made: WithPlace =
      index === at ? withOwnPlace(rows, own, other) : inAllPlaces(rows, own, other)
    rows = made.rows
    places.push(columnReference(made.place))
  }
  return { rows, places }
}

function withOwnPlace(input: PhysicalPlan, own: Side, other: Side): WithPlace {
  const { rows, mark } = marked(input, own, other)
  const place = intColumn(idOf(own.number, OWN_PLACE), 'place')
  const expr = caseOf([{ when: mark, then: anyNumber(DIVIDED_BY) }], literal(0, int4))
  return { rows: withColumns(rows, [{ column: place, expr }]), place }
}

function inAllPlaces(input: PhysicalPlan, own: Side, other: Side): WithPlace {
  const { rows, mark } = marked(input, own, other)
  const first = intColumn(idOf(own.number, FIRST_PLACE), 'first')
  const last = intColumn(idOf(own.number, LAST_PLACE), 'last')
  const none = literal(0, int4)
  const expr = caseOf([{ when: mark, then: literal(DIVIDED_BY - 1, int4) }], none)
  const ends = withColumns(rows, [
    { column: first, expr: none },
    { column: last, expr },
  ])
  const place = intColumn(idOf(own.number, OTHER_PLACE), 'place')
  return { rows: repeated(ends, [first, last], place.id), place }
}

/** Rows, and whether very many of a side have their key. */
function marked(
  rows: PhysicalPlan,
  own: Side,
  { frequent, number, keys }: Side,
): { readonly rows: PhysicalPlan; readonly mark: Expression } {
  const build = present(frequent, 'keys of a side that is divided')
  const id = idOf(own.number, number === own.number ? MARK : MARK + 1)
  const markColumn = { id, name: 'frequent', type: bool, nullable: true }
  const join: HashJoin = {
    kind: 'hash-join',
    joinKind: 'mark',
    probe: rows,
    build,
    probeKeys: own.keys,
    buildKeys: keys.map(({ type }, at) =>
      columnReference({ id: idOf(number, KEYS + at), name: 'key', type }),
    ),
    nullSafe: keys.map(() => true),
    residual: undefined,
    nullAware: false,
    markColumn,
    columns: [...rows.columns, markColumn],
    rows: rows.rows,
    distribution: 'broadcast',
  }
  return { rows: join, mark: columnReference(markColumn) }
}

function withColumns(
  input: PhysicalPlan,
  added: readonly { readonly column: OutputColumn; readonly expr: Expression }[],
): PhysicalPlan {
  return {
    kind: 'project',
    input,
    exprs: [
      ...asTheyAre(input.columns),
      ...added.map(({ column: { id, name }, expr }) => ({ id, name, expr })),
    ],
    columns: [...input.columns, ...added.map(({ column }) => column)],
    rows: input.rows,
  }
}

function hashed({ rows, places }: PlacedSide, keys: readonly Expression[]): Exchange {
  return exchange(rows, { kind: 'hash', keys: [...keys, ...places] })
}
