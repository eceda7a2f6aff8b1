import { assert, present, unreachable } from '../../base/assert.ts'
import { NODE_STEPS, spend } from '../../base/budget.ts'
import type { ScalarFunction } from '../../functions/function.ts'
import { keep, lane, laneTypes } from '../../functions/emit.ts'
import type { InlineContext, Value } from '../../functions/inline.ts'
import { pushComparison } from '../../functions/operators/comparison-inline.ts'
import type {
  Call,
  Case,
  Cast,
  Expression,
  InList,
  Let,
  Literal,
  Logical,
} from '../../plan/logical/expression.ts'
import { expressionChildrenOf } from '../../plan/logical/walk.ts'
import type { Local } from '../../wasm/assembler/function-builder.ts'
import { compileCast } from './cast.ts'
import { canRaise, traitsOf } from './expression-traits.ts'
import { compileInSet } from './in-set.ts'
import { literalFormOf } from './literal-forms.ts'
import { constantLane, mergeInto, nullValue, selectValue } from './merge.ts'
import type { CodeScope } from './scope.ts'

/**
 * A guard is an i32 local that is 1 for the rows whose errors count: generated code computes both
 * sides of a cheap CASE for every row, but raises only what the row's own branch raises. Undefined
 * stands for every row.
 */
type Guard = Local | undefined

/**
 * Emits code for an expression of which every node has an inline form; the value is in locals that
 * dominate what is emitted next. Parameters stand for literals whose values the code does not contain.
 */
export function compileExpression(scope: CodeScope, expr: Expression): Value {
  return compile(scope, expr, undefined)
}

/** Like {@link compileExpression} for a condition: an i32 that is 1 exactly where it is TRUE. */
export function compilePredicate(scope: CodeScope, expr: Expression): Local {
  return predicate(scope, expr, undefined)
}

/** What emitting the code of a node costs. */
const COMPILE_STEPS = 8 * NODE_STEPS

function compile(scope: CodeScope, expr: Expression, guard: Guard): Value {
  spend(COMPILE_STEPS)
  const decision = scope.decision(expr)
  if (decision !== undefined) return decision()
  const keep =
    traitsOf(expr).isAllInline && isCheap(scope, expr) ? undefined : scope.entryValue(expr)
  return keep === undefined
    ? compileNode(scope, expr, guard)
    : keep(guard, () => compileNode(scope, expr, undefined))
}

function compileNode(scope: CodeScope, expr: Expression, guard: Guard): Value {
  switch (expr.kind) {
    case 'column':
      return scope.column(expr.id)
    case 'literal':
      return compileLiteral(scope, expr)
    case 'call':
      return compileCall(scope, expr, guard)
    case 'cast':
      return compileCastNode(scope, expr, guard)
    case 'case':
      return isCheap(scope, expr)
        ? compileSelects(scope, expr, guard)
        : compileBranches(scope, expr, guard)
    case 'and':
    case 'or':
      return compileLogical(scope, expr, guard)
    case 'in-list':
      return compileInList(scope, expr, guard)
    case 'let':
      bindValues(scope, expr, guard)
      return compile(scope, expr.body, guard)
    case 'parameter':
      return scope.parameter(expr)
    case 'in-set':
      return compileInSet(scope, expr, compile(scope, expr.arg, guard))
    case 'subquery':
      throw new Error(`internal error: ${expr.kind} in generated code`)
    default:
      return unreachable(expr)
  }
}

/** Makes the values of a LET known under their ids; ids are bound once, so none is hidden. */
function bindValues(scope: CodeScope, { bindings }: Let, guard: Guard): void {
  for (const { id, value } of bindings) scope.bind(id, compile(scope, value, guard))
}

function compileLiteral(scope: CodeScope, expr: Literal): Value {
  if (expr.value === null) return nullValue(scope.f, expr.type)
  if (typeof expr.value !== 'boolean') return scope.literal(expr)
  const truth = constantLane(scope.f, 'i32', expr.value ? 1 : 0)
  return { type: expr.type, lanes: [truth], valid: undefined, range: undefined }
}

function compileCall(scope: CodeScope, expr: Call, guard: Guard): Value {
  const { fn } = expr
  const args = expr.args.map((arg) => compile(scope, arg, guard))
  if (fn.nulls === 'called') {
    const form = literalFormOf(expr) ?? inlineForm(fn)
    const emitted = emitBlamed(scope, expr, args, guard, (ctx) => form(ctx, args, expr.type))
    return { type: expr.type, valid: undefined, range: undefined, ...emitted }
  }
  const valid = conjunction(
    scope,
    args.map((arg) => arg.valid),
  )
  const emit = (within: Guard): Value => {
    const form = literalFormOf(expr) ?? inlineForm(fn)
    const emitted = emitBlamed(scope, expr, args, within, (ctx) => form(ctx, args, expr.type))
    const { lanes, range } = emitted
    return { type: expr.type, lanes, valid: conjunction(scope, [valid, emitted.valid]), range }
  }
  const active = fn.raises ? conjunction(scope, [guard, valid]) : undefined
  if (fn.traps !== true || active === undefined) return emit(active)
  return under(scope, active, () => emit(undefined))
}

function inlineForm(fn: ScalarFunction): NonNullable<ScalarFunction['inline']> {
  return present(fn.inline, `${fn.id} has no inline form`)
}

function compileCastNode(scope: CodeScope, expr: Cast, guard: Guard): Value {
  const arg = compile(scope, expr.arg, guard)
  const active = conjunction(scope, [guard, arg.valid])
  const emitted = emitBlamed(scope, expr, [arg], active, (ctx) => compileCast(ctx, arg, expr.type))
  return { type: expr.type, lanes: emitted.lanes, valid: arg.valid, range: emitted.range }
}

/** Runs an inline form whose raises count only for the guard's rows. */
function emitBlamed<T>(
  scope: CodeScope,
  expr: Call | Cast,
  args: readonly Value[],
  guard: Guard,
  emit: (ctx: InlineContext) => T,
): T {
  const { f } = scope
  const before = scope.blame(expr)
  const strict = expr.kind === 'cast' || expr.fn.nulls !== 'called'
  const ctx: InlineContext = {
    f,
    raise: (reason) => {
      if (guard === undefined) return scope.raise(reason)
      f.get(guard).if()
      scope.raise(reason)
      f.end()
    },
    kernel: (name) => scope.kernel(name),
    allocateText: () => scope.allocateText(),
    workspace: () => scope.workspace(),
    kept: (bytes) => scope.kept(bytes),
    bytes: (content) => scope.bytes(content),
    settleText: (target, view) => scope.settleText(target, view),
    elsewhere(into, valid) {
      const counted = strict ? conjunction(scope, [guard, ...args.map((arg) => arg.valid)]) : guard
      if (counted !== undefined) f.get(counted).if()
      scope.evaluateHere(expr, args, into, valid)
      if (counted !== undefined) f.end()
    },
  }
  const emitted = emit(ctx)
  scope.blame(before)
  return emitted
}

/** The and of several conditions, undefined where all are. */
function conjunction(scope: CodeScope, conditions: readonly Guard[]): Guard {
  const distinct = [...new Set(conditions)].filter((local) => local !== undefined)
  const [first, ...rest] = distinct
  if (first === undefined || rest.length === 0) return first
  scope.f.get(first)
  for (const local of rest) scope.f.get(local).op('i32.and')
  return keep(scope.f, 'i32')
}

/** Emits `if (condition) value`; elsewhere the lanes are zeros (legal for every type) and NULL. */
function under(scope: CodeScope, condition: Local, emit: () => Value): Value {
  const { f } = scope
  let inner: Value | undefined
  let merged: Value | undefined
  f.get(condition).if()
  scope.branch(() => {
    inner = emit()
    merged = mergeInto(f, inner, undefined)
  })
  f.else()
  const target = present(merged, 'nothing emitted')
  for (const local of target.lanes) mergeZero(scope, local)
  if (target.valid !== undefined) f.i32(0).set(target.valid)
  f.end()
  return target
}

function mergeZero({ f }: CodeScope, local: Local): void {
  const type = f.typeOf(local)
  if (type === 'i32') f.i32(0)
  else if (type === 'i64') f.i64(0n)
  else if (type === 'f32') f.f32(0)
  else f.f64(0)
  f.set(local)
}

/**
 * Whether computing an expression for rows that do not need it costs less than a branch. Kernels on
 * text do not; nor does what may run long.
 */
function isCheap(scope: CodeScope, expr: Expression): boolean {
  const known = scope.cheap.get(expr)
  if (known !== undefined) return known
  const result = isCheapNode(scope, expr)
  scope.cheap.set(expr, result)
  return result
}

function isCheapNode(scope: CodeScope, expr: Expression): boolean {
  if (scope.decision(expr) !== undefined) return true
  if (expr.kind === 'column') return !scope.isCalledOut(expr.id)
  if (expr.kind === 'call') {
    const { fn } = expr
    const touchesText = [expr, ...expr.args].some((e) => e.type.kind === 'text')
    if (fn.traps === true || fn.isDear === true) return false
    if (touchesText && fn.nulls === 'strict') return false
  }
  if (expr.kind === 'cast' && (expr.type.kind === 'text') !== (expr.arg.type.kind === 'text')) {
    return false
  }
  if (expr.kind === 'in-list' && expr.arg.type.kind === 'text') return false
  if (expr.kind === 'in-set') return false
  return expressionChildrenOf(expr).every((child) => isCheap(scope, child))
}

function compileSelects(scope: CodeScope, expr: Case, guard: Guard): Value {
  const { f } = scope
  let remaining = guard
  const arms = expr.branches.map(({ when, then }) => {
    const taken = predicate(scope, when, remaining)
    const value = compile(scope, then, conjunction(scope, [remaining, taken]))
    f.get(taken).op('i32.eqz')
    remaining = conjunction(scope, [remaining, keep(f, 'i32')])
    return { taken, value }
  })
  let result = compile(scope, expr.otherwise, remaining)
  for (const { taken, value } of arms.toReversed()) {
    result = selectValue(scope, expr.type, taken, value, result)
  }
  return { ...result, type: expr.type }
}

function compileBranches(scope: CodeScope, expr: Case, guard: Guard): Value {
  const { f } = scope
  const lanes = laneTypes(expr.type).map((type) => f.local(type))
  const target: Value = { type: expr.type, lanes, valid: f.local('i32'), range: undefined }
  const done = f.block()
  scope.branch(() => {
    for (const { when, then } of expr.branches) {
      f.get(predicate(scope, when, guard)).if()
      scope.branch(() => mergeInto(f, compile(scope, then, guard), target))
      f.branch(done)
      f.end()
    }
    mergeInto(f, compile(scope, expr.otherwise, guard), target)
  })
  f.end()
  return target
}

/**
 * AND and OR in three-valued logic, with i32.and and i32.or where that suffices. An argument that is
 * dear is skipped by a branch once the result is decided; one that raises does so only before that.
 */
function compileLogical(scope: CodeScope, expr: Logical, guard: Guard): Value {
  const { f } = scope
  const conjunctive = expr.kind === 'and'
  const [first, ...rest] = expr.args
  let total = compile(scope, present(first, 'empty and/or'), guard)
  for (const arg of rest) {
    const needsGuard = !isCheap(scope, arg) || canRaise(arg)
    const open = needsGuard ? undecided(scope, total, conjunctive, guard) : undefined
    let next: Value
    if (open !== undefined && !isCheap(scope, arg)) {
      const skipped = under(scope, open, () => withValid(scope, compile(scope, arg, undefined)))
      next = skipped
    } else next = compile(scope, arg, open ?? guard)
    total = combine(scope, total, next, conjunctive)
  }
  f.get(lane(total))
  return { type: expr.type, lanes: [keep(f, 'i32')], valid: total.valid, range: undefined }
}

/** 1 where the arguments so far leave the result open. */
function undecided(scope: CodeScope, total: Value, conjunctive: boolean, guard: Guard): Local {
  const { f } = scope
  f.get(lane(total))
  if (!conjunctive) f.op('i32.eqz')
  if (total.valid !== undefined) f.get(total.valid).op('i32.eqz').op('i32.or')
  if (guard !== undefined) f.get(guard).op('i32.and')
  return keep(f, 'i32')
}

function withValid(scope: CodeScope, value: Value): Value {
  if (value.valid !== undefined) return value
  return { ...value, valid: constantLane(scope.f, 'i32', 1) }
}

/** AND (or OR) of two: FALSE (TRUE) wins over NULL, and the skipped value of a decided row is NULL. */
function combine(scope: CodeScope, left: Value, right: Value, conjunctive: boolean): Value {
  const { f } = scope
  const type = left.type
  if (left.valid === undefined && right.valid === undefined) {
    f.get(lane(left))
      .get(lane(right))
      .op(conjunctive ? 'i32.and' : 'i32.or')
    return { type, lanes: [keep(f, 'i32')], valid: undefined, range: undefined }
  }
  const decides = (value: Value): void => {
    f.get(lane(value))
    if (conjunctive) f.op('i32.eqz')
    if (value.valid !== undefined) f.get(value.valid).op('i32.and')
  }
  decides(left)
  decides(right)
  f.op('i32.or')
  const decided = keep(f, 'i32')
  const both = conjunction(scope, [left.valid, right.valid])
  f.get(present(both, 'no validity')).get(decided).op('i32.or')
  const valid = keep(f, 'i32')
  // Where nothing decides, the result is the neutral value (and NULL unless both are valid).
  f.get(decided)
  if (conjunctive) f.op('i32.eqz')
  return { type, lanes: [keep(f, 'i32')], valid, range: undefined }
}

/** 1 where the condition is TRUE. AND and OR go by truth alone: a WHERE does not tell FALSE from NULL. */
function predicate(scope: CodeScope, expr: Expression, guard: Guard): Local {
  const { f } = scope
  if (expr.kind === 'let' && scope.decision(expr) === undefined) {
    bindValues(scope, expr, guard)
    return predicate(scope, expr.body, guard)
  }
  if ((expr.kind !== 'and' && expr.kind !== 'or') || scope.decision(expr) !== undefined) {
    const value = compile(scope, expr, guard)
    if (value.valid === undefined) return lane(value)
    f.get(lane(value)).get(value.valid).op('i32.and')
    return keep(f, 'i32')
  }
  const conjunctive = expr.kind === 'and'
  const [first, ...rest] = expr.args
  let total = predicate(scope, present(first, 'empty and/or'), guard)
  for (const arg of rest) {
    const cheap = isCheap(scope, arg)
    let open: Guard = guard
    if (!cheap || canRaise(arg)) {
      f.get(total)
      if (!conjunctive) f.op('i32.eqz')
      open = conjunction(scope, [guard, keep(f, 'i32')])
    }
    const before = total
    if (cheap || open === undefined) {
      const next = predicate(scope, arg, open)
      f.get(before)
        .get(next)
        .op(conjunctive ? 'i32.and' : 'i32.or')
      total = keep(f, 'i32')
    } else {
      f.get(before)
      total = keep(f, 'i32')
      f.get(open).if()
      scope.branch(() => f.get(predicate(scope, arg, undefined)).set(total))
      f.end()
    }
  }
  return total
}

function compileInList(scope: CodeScope, expr: InList, guard: Guard): Value {
  const { f } = scope
  const arg = compile(scope, expr.arg, guard)
  const members = expr.list.map((member) => compile(scope, member, guard))
  assert(members.length > 0, 'empty IN list')
  members.forEach((member, index) => {
    pushComparison(scope, '=', arg, member)
    if (member.valid !== undefined) f.get(member.valid).op('i32.and')
    if (index > 0) f.op('i32.or')
  })
  const found = keep(f, 'i32')
  const known = conjunction(
    scope,
    members.map((member) => member.valid),
  )
  if (known === undefined) {
    return { type: expr.type, lanes: [found], valid: arg.valid, range: undefined }
  }
  // x IN (1, NULL) is TRUE or NULL.
  f.get(known).get(found).op('i32.or')
  const valid = conjunction(scope, [keep(f, 'i32'), arg.valid])
  return { type: expr.type, lanes: [found], valid, range: undefined }
}
