import { isIntegerLike } from '../../data/types/catalogue.ts'
import type { TypeKind } from '../../data/types/data-type.ts'
import type { TableEntry } from '../catalog/catalog.ts'
import type { ColumnId, Expression } from '../logical/expression.ts'
import {
  notesMatches,
  keepsProbe,
  type HashJoin,
  type NestedLoopJoin,
  type PhysicalKind,
  type PhysicalOf,
  type PhysicalScan,
} from './plan.ts'

/** A scan of which a join's rows tell, once they are there, which pieces need not be read. */
export interface NarrowedScan {
  /** The key of the join, by its number, that has the values of a column of the scan. */
  readonly key: number
  readonly scan: PhysicalScan
  readonly column: ColumnId
}

/** Pieces are left out only where keys are thought to leave out so much of the column's range. */
const RANGE_PER_KEY_MIN = 2
/** Pieces that hold more of the range than this are never left out, or nearly so. */
const PIECE_RANGE_MAX = 0.5
const SAMPLED_PIECES = 32

/**
 * The scans whose rows a join drops unless they have one of its keys: chunks and parts of files hold none of them
 * when their smallest and largest value are known and none lies between. Inner, right and all semi joins drop rows
 * that have no partner, and what drops rows may as well be asked first, below what only passes rows on, repeats
 * or filters them. Not below a join that notes what its build rows match: rows that are dropped are not met.
 */
export function narrowedScans(plan: HashJoin): readonly NarrowedScan[] {
  if (keepsProbe(plan.joinKind)) return []
  return plan.probeKeys.flatMap((expr, key) => {
    if (plan.nullSafe[key] === true) return []
    const column = columnBehind(expr)
    if (column === undefined) return []
    return scansOf(plan.probe, column)
      .filter(({ range }) => plan.build.rows * RANGE_PER_KEY_MIN <= range)
      .map(({ scan, column }) => ({ key, scan, column }))
  })
}

interface ScannedColumn {
  readonly scan: PhysicalScan
  readonly column: ColumnId
  /** How many values there are from its smallest to its largest. */
  readonly range: number
}

/** The scans that give a column of a plan its values, in pipelines of the plan's own. */
function scansOf<K extends PhysicalKind>(
  plan: PhysicalOf<K>,
  column: ColumnId,
): readonly ScannedColumn[] {
  const passed = passing[plan.kind] as Passing<K> | undefined
  return passed === undefined ? [] : passed(plan, column)
}

type Passing<K extends PhysicalKind> = (
  plan: PhysicalOf<K>,
  column: ColumnId,
) => readonly ScannedColumn[]

/** Operators that are not here end a pipeline, or have no rows of a scan. */
const passing: { readonly [K in PhysicalKind]?: Passing<K> } = {
  scan: scannedColumn,
  filter: (plan, column) => scansOf(plan.input, column),
  project: (plan, column) => {
    const expr = plan.exprs.find(({ id }) => id === column)?.expr
    const source = expr && columnBehind(expr)
    return source === undefined ? [] : scansOf(plan.input, source)
  },
  'hash-join': scansOfProbe,
  'nested-loop-join': scansOfProbe,
  'union-all': (plan, column) => {
    const position = plan.columns.findIndex(({ id }) => id === column)
    return plan.inputs.flatMap((input, i) => {
      const source = plan.inputColumns[i]?.[position]
      return source === undefined ? [] : scansOf(input, source)
    })
  },
}

function scansOfProbe(
  { joinKind, probe }: HashJoin | NestedLoopJoin,
  column: ColumnId,
): readonly ScannedColumn[] {
  return notesMatches(joinKind) ? [] : scansOf(probe, column)
}

function scannedColumn(scan: PhysicalScan, column: ColumnId): readonly ScannedColumn[] {
  const index = scan.columns.findIndex(({ id }) => id === column)
  const [type, position] = [scan.columns[index]?.type, scan.sourceColumns[index]]
  if (type === undefined || position === undefined || !isIntegerLike(type)) return []
  const known = scan.table.statistics.columns[position]
  if (known?.min === undefined || known.max === undefined) return []
  const range = Number(known.max - known.min) + 1
  return isClustered(scan.table, position, range) ? [{ scan, column, range }] : []
}

/** Whether pieces of a table hold parts of a column's range, as rows have that came in by and by. */
function isClustered({ source }: TableEntry, position: number, range: number): boolean {
  const pieces =
    source.kind === 'memory' ? source.chunks : source.files.flatMap(({ parts }) => parts)
  if (pieces.length < 2) return false
  const step = Math.ceil(pieces.length / SAMPLED_PIECES)
  let [sampled, width] = [0, 0]
  for (let at = 0; at < pieces.length; at += step) {
    const known = pieces[at]?.statistics?.[position]
    if (known?.min === undefined || known.max === undefined) continue
    sampled++
    width += Number(known.max - known.min) + 1
  }
  return sampled > 0 && width / sampled <= range * PIECE_RANGE_MAX
}

const integers: ReadonlySet<TypeKind> = new Set(['int2', 'int4', 'int8'])

/** The column that an expression has the values of: casts between integers change none. */
function columnBehind(expr: Expression): ColumnId | undefined {
  if (expr.kind === 'column') return expr.id
  if (expr.kind !== 'cast' || !integers.has(expr.type.kind)) return undefined
  return integers.has(expr.arg.type.kind) ? columnBehind(expr.arg) : undefined
}
