import { QueryError, notSupported } from '../../base/errors.ts'
import type {
  FrameBound as AstFrameBound,
  Identifier,
  WindowFrame,
  WindowSpecification,
} from '../../sql/ast/expression.ts'
import type { SelectCore } from '../../sql/ast/select.ts'
import {
  defaultFrame,
  type Expression,
  type Frame,
  type FrameBound,
  type SortKey,
} from '../logical/expression.ts'
import { columnsUsed, someExpression } from '../logical/walk.ts'
import { checkFrame, typedFrame } from '../logical/typed-window.ts'
import { settle } from '../logical/typing.ts'
import { spanDetail } from '../logical/span-detail.ts'
import { bindIn } from './context.ts'
import type { Clause, QueryLevel, Scope } from './context.ts'
import { checkKeys } from './select-list.ts'

/** What a window says once the window that it is based on is looked up. */
export interface ResolvedWindow {
  readonly partitionBy: readonly Expression[]
  readonly orderBy: readonly SortKey[]
  readonly frame: Frame
  readonly hasFrame: boolean
}

type Definition = SelectCore['windows'][number]

/** The WINDOW clause of a query level: its windows in order, bound when they are first asked for. */
interface Definitions {
  readonly all: readonly Definition[]
  /** Where each stands among all, by name. */
  readonly at: ReadonlyMap<string, number>
  readonly bound: Map<Definition, ResolvedWindow>
}

const definitionsOf = new WeakMap<QueryLevel, Definitions>()

const noDefinitions: Definitions = { all: [], at: new Map(), bound: new Map() }

/** What is being bound that no window function may be in, by query level. */
const inside = new WeakMap<QueryLevel, 'call' | 'definition'>()

export function insideOf(level: QueryLevel): 'call' | 'definition' | undefined {
  return inside.get(level)
}

/** Binds what stands within a window function's call, or within the definition of a window. */
export function within<T>(level: QueryLevel, place: 'call' | 'definition', bind: () => T): T {
  const before = inside.get(level)
  inside.set(level, place)
  try {
    return bind()
  } finally {
    if (before === undefined) inside.delete(level)
    else inside.set(level, before)
  }
}

/** Notes the WINDOW clause of a query. Errors: WINDOWING_ERROR for a name that is defined twice. */
export function defineWindows(level: QueryLevel, all: readonly Definition[]): void {
  const at = new Map<string, number>()
  for (const [position, { name }] of all.entries()) {
    if (at.has(name.text)) {
      const message = `window "${name.text}" is already defined`
      throw new QueryError('WINDOWING_ERROR', message, { span: name.span })
    }
    at.set(name.text, position)
  }
  definitionsOf.set(level, { all, at, bound: new Map() })
}

/** Binds the windows of the WINDOW clause that nothing asked for: they may be wrong all the same. */
export function checkWindows(scope: Scope): void {
  for (const { name } of definitionsOf.get(scope.level)?.all ?? []) resolveWindow(scope, name)
}

/** The window that OVER names or describes. Errors: UNDEFINED_OBJECT, WINDOWING_ERROR. */
export function resolveWindow(
  scope: Scope,
  over: WindowSpecification | Identifier,
): ResolvedWindow {
  const definitions = definitionsOf.get(scope.level) ?? noDefinitions
  if ('kind' in over) {
    return described(scope, over, (name) => definitions.at.has(name), true)
  }
  const at = definitions.at.get(over.text)
  const definition = at === undefined ? undefined : definitions.all[at]
  if (at === undefined || definition === undefined) throw undefinedWindow(over)
  const known = definitions.bound.get(definition)
  if (known !== undefined) return known
  const found = described(
    scope,
    definition.spec,
    (name) => (definitions.at.get(name) ?? at) < at,
    false,
  )
  definitions.bound.set(definition, found)
  return found
}

function undefinedWindow({ text, span }: Identifier): QueryError {
  return new QueryError('UNDEFINED_OBJECT', `window "${text}" does not exist`, { span })
}

/** A window as it is written, over the one that it is based on, which must come before it. */
function described(
  scope: Scope,
  spec: WindowSpecification,
  isBefore: (name: string) => boolean,
  isOver: boolean,
): ResolvedWindow {
  const { base } = spec
  if (base !== undefined && !isBefore(base.text)) {
    throw undefinedWindow(base)
  }
  const { binder } = scope.environment
  const { clause } = scope.level
  const own = within(scope.level, 'definition', () => ({
    partitionBy: spec.partitionBy.map((ast) => settle(binder, bindIn(scope, clause, ast))),
    orderBy: spec.orderBy.map((item): SortKey => {
      const expr = settle(binder, bindIn(scope, clause, item.expr))
      return { expr, descending: item.descending, nullsFirst: item.nullsFirst ?? item.descending }
    }),
  }))
  checkKeys([...own.partitionBy, ...own.orderBy.map(({ expr }) => expr)])
  const { partitionBy, orderBy } =
    base === undefined ? own : added(spec, base, resolveWindow(scope, base), own, isOver)
  const frame = spec.frame && boundFrame(scope, spec.frame, orderBy, spec)
  return { partitionBy, orderBy, frame: frame ?? defaultFrame, hasFrame: frame !== undefined }
}

/** A window may add an order and a frame to the one that it is based on. */
function added(
  spec: WindowSpecification,
  base: Identifier,
  based: ResolvedWindow,
  own: Pick<ResolvedWindow, 'partitionBy' | 'orderBy'>,
  isOver: boolean,
): Pick<ResolvedWindow, 'partitionBy' | 'orderBy'> {
  const { span } = base
  const name = `window "${base.text}"`
  if (own.partitionBy.length > 0) {
    throw new QueryError('WINDOWING_ERROR', `cannot override PARTITION BY clause of ${name}`, {
      span,
    })
  }
  if (own.orderBy.length > 0 && based.orderBy.length > 0) {
    throw new QueryError('WINDOWING_ERROR', `cannot override ORDER BY clause of ${name}`, { span })
  }
  if (based.hasFrame) {
    const isBare = isOver && own.orderBy.length === 0 && spec.frame === undefined
    throw new QueryError('WINDOWING_ERROR', `cannot copy ${name} because it has a frame clause`, {
      span,
      ...(isBare && { hint: 'Omit the parentheses in this OVER clause.' }),
    })
  }
  const orderBy = own.orderBy.length > 0 ? own.orderBy : based.orderBy
  return { partitionBy: based.partitionBy, orderBy }
}

function boundFrame(
  scope: Scope,
  { unit, start, end, exclude }: WindowFrame,
  orderBy: readonly SortKey[],
  { span }: WindowSpecification,
): Frame {
  checkFrame({ unit, start, end }, orderBy, span)
  const frame = {
    unit,
    start: boundOf(scope, unit, start),
    end: boundOf(scope, unit, end),
    exclude,
  }
  return typedFrame(scope.environment.binder, frame, orderBy)
}

function boundOf(
  scope: Scope,
  unit: WindowFrame['unit'],
  { kind, offset: ast }: AstFrameBound,
): FrameBound {
  if (ast === undefined) return { kind }
  const word = unit.toUpperCase()
  const given = bindIn(scope, `window ${word}` as Clause, ast)
  const isConstant = !someExpression(given, (part) => part.kind === 'subquery')
  for (const id of columnsUsed(given)) {
    if (!scope.level.columnNames.has(id)) continue
    const message = `argument of ${word} must not contain variables`
    throw new QueryError('INVALID_COLUMN_REFERENCE', message, spanDetail(given.span))
  }
  if (!isConstant || columnsUsed(given).size > 0) {
    throw notSupported('a subquery as the offset of a window frame', given.span)
  }
  return { kind, offset: given }
}
