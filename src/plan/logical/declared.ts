import { commonDeclared, withoutLimit, type DeclaredType } from '../../data/types/declared-type.ts'
import type { Field } from '../../data/types/schema.ts'
import type { Call, Case, ColumnId, Expression, WindowCall } from './expression.ts'
import type { Relation, With } from './relation.ts'

/**
 * What casts declared, by the expression that they became; undefined: nothing, whatever it is made of; `as`: what another
 * was declared, `asCompared`: but for character varying, which is compared as a text.
 */
export type DeclaredCasts = Map<Expression, DeclaredType | DeclaredAs | undefined>

interface DeclaredAs {
  readonly as: Expression
  readonly asCompared?: boolean
  /** The rows that the other is over, where it is not over those of the cast. */
  readonly over?: Relation
}

/** Tells that an expression was made of another one that may have been declared: `map` makes its parts. */
export function carryDeclared(
  casts: DeclaredCasts,
  from: Expression,
  to: Expression,
  map: (part: Expression) => Expression,
): void {
  if (from === to || !casts.has(from)) return
  const declared = casts.get(from)
  const isOther = declared !== undefined && 'as' in declared && declared.over === undefined
  casts.set(to, isOther ? { ...declared, as: map(declared.as) } : declared)
}

/**
 * What the columns of a bound query were declared as: by casts, or where tables declare them; `definitions`: of what it refers
 * to and does not hold.
 */
export function declaredColumns(
  relation: Relation,
  casts: DeclaredCasts,
  definitions: readonly (readonly [id: number, Relation])[] = [],
): readonly (DeclaredType | undefined)[] {
  const finder: Finder = { casts, definitions: new Map(definitions) }
  return relation.columns.map(({ id }) => ofColumn(finder, relation, id))
}

interface Finder {
  readonly casts: DeclaredCasts
  readonly definitions: Map<number, Relation>
}

function ofColumn(finder: Finder, relation: Relation, id: ColumnId): DeclaredType | undefined {
  // Many windows may stand over one another: what they pass on is looked for at the end.
  let passing = relation
  while (passing.kind === 'window' || passing.kind === 'filter' || passing.kind === 'sort') {
    const made =
      passing.kind === 'window' ? passing.calls.find((call) => call.id === id) : undefined
    if (made !== undefined) return ofWindowCall(finder, made, passing.input)
    passing = passing.input
  }
  return ofOwnColumn(finder, passing, id)
}

/** A value of another row keeps the name of its type. */
function ofWindowCall(
  finder: Finder,
  { fn, args }: WindowCall,
  input: Relation,
): DeclaredType | undefined {
  const [value] = args
  if (!('gives' in fn) || fn.gives !== 'row' || value === undefined) return undefined
  const declared = ofExpression(finder, value, input)
  return declared && withoutLimit(declared)
}

function ofOwnColumn(finder: Finder, relation: Relation, id: ColumnId): DeclaredType | undefined {
  const at = relation.columns.findIndex((column) => column.id === id)
  if (at < 0) return undefined
  switch (relation.kind) {
    case 'scan':
      return declaredField(relation.table.columns[relation.sourceColumns[at]!]!)
    case 'values':
      return undefined
    case 'project':
      return ofExpression(finder, relation.exprs[at]!.expr, relation.input)
    case 'aggregate': {
      const key = relation.keys[at]
      return key && ofExpression(finder, key.expr, relation.input)
    }
    case 'window':
    case 'filter':
    case 'sort':
    case 'limit':
    case 'expand':
      return ofColumn(finder, relation.input, id)
    case 'with':
      return ofWith(finder, relation, id)
    case 'join':
    case 'apply':
      return ofColumn(finder, relation.left, id) ?? ofColumn(finder, relation.right, id)
    case 'union-all':
      return relation.inputs
        .map((input, i) => ofColumn(finder, input, relation.inputColumns[i]![at]!))
        .reduce(commonDeclared)
    case 'recursion': {
      finder.definitions.set(relation.recursionId, relation.base)
      return ofColumn(finder, relation.base, relation.inputColumns[0][at]!)
    }
    case 'working-table': {
      const base = finder.definitions.get(relation.recursionId)
      const source = base?.columns[at]
      return base && source && ofColumn(finder, base, source.id)
    }
    case 'cte-reference': {
      const definition = finder.definitions.get(relation.cteId)
      return definition && ofColumn(finder, definition, relation.definitionColumns[at]!)
    }
  }
}

function ofWith(finder: Finder, relation: With, id: ColumnId): DeclaredType | undefined {
  finder.definitions.set(relation.cteId, relation.definition)
  return ofColumn(finder, relation.input, id)
}

function ofExpression(finder: Finder, expr: Expression, input: Relation): DeclaredType | undefined {
  if (finder.casts.has(expr)) return ofCast(finder, finder.casts.get(expr), input)
  switch (expr.kind) {
    case 'column':
      return ofColumn(finder, input, expr.id)
    case 'subquery':
      if (expr.form !== 'scalar') return undefined
      return ofColumn(finder, expr.input, expr.input.columns[0]!.id)
    case 'case':
      return ofCase(finder, expr, input)
    case 'call':
      return ofCall(finder, expr, input)
    case 'literal':
    case 'parameter':
    case 'cast':
    case 'and':
    case 'or':
    case 'in-list':
    case 'in-set':
    case 'let':
      return undefined
  }
}

function ofCast(
  finder: Finder,
  declared: DeclaredType | DeclaredAs | undefined,
  input: Relation,
): DeclaredType | undefined {
  if (declared === undefined || !('as' in declared)) return declared
  const other = ofExpression(finder, declared.as, declared.over ?? input)
  return declared.asCompared === true && other?.name === 'varchar' ? undefined : other
}

function ofCall(finder: Finder, { fn, args }: Call, input: Relation): DeclaredType | undefined {
  if (fn.declaredAs === undefined) return undefined
  return ofBranches(finder, fn.declaredAs === 'first' ? args.slice(0, 1) : args, input)
}

/** The branch that is always taken is all there is. Of COALESCE no NULL is a branch. */
function ofCase(finder: Finder, expr: Case, input: Relation): DeclaredType | undefined {
  const [first] = expr.branches
  if (first?.when.kind === 'literal' && first.when.value === true) {
    return ofExpression(finder, first.then, input)
  }
  const branches = [...expr.branches.map(({ then }) => then), expr.otherwise]
  const isCoalesce = expr.branches.every(
    ({ when }) => when.kind === 'call' && when.fn.test?.of === 'null' && when.fn.test.negated,
  )
  return ofBranches(finder, isCoalesce ? branches.filter((one) => !isNull(one)) : branches, input)
}

/** Constants beside a declared type take it, without its limit. */
function ofBranches(
  finder: Finder,
  branches: readonly Expression[],
  input: Relation,
): DeclaredType | undefined {
  const constant = (expr: Expression): boolean => expr.kind === 'literal' && !finder.casts.has(expr)
  const others = branches.filter((expr) => !constant(expr))
  if (others.length === 0) return undefined
  const common = others.map((expr) => ofExpression(finder, expr, input)).reduce(commonDeclared)
  const limited = others.length < branches.length
  return limited && common !== undefined ? withoutLimit(common) : common
}

function isNull(expr: Expression): boolean {
  return expr.kind === 'literal' && expr.value === null
}

function declaredField(field: Field): DeclaredType | undefined {
  const { type, declared, lengthLimit, digitLimit, computed } = field
  if (digitLimit !== undefined) return { name: 'numeric', ...digitLimit }
  if (lengthLimit !== undefined) {
    return { name: lengthLimit.type, charactersMax: lengthLimit.charactersMax }
  }
  if (declared !== undefined) return { name: declared }
  const own = type.kind === 'array' ? type.element : type
  if (own.kind !== 'decimal' || computed === true) return undefined
  return { name: 'numeric', precision: own.precision, scale: own.scale }
}
