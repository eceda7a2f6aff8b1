import { present } from '../../base/assert.ts'
import { finishSteps, type Steps } from '../../base/steps.ts'
import type { ColumnId, Expression, ExpressionOf } from '../../plan/logical/expression.ts'
import { mapExpressionChildren, replaceColumns } from '../../plan/logical/walk.ts'
import { compute, define, type Open, type FreshIds } from './open-pipeline.ts'
import { added, isSmall, newSize, resolvedTraits, type CodeSize } from './resolved-traits.ts'

/**
 * An expression that is too large for one function, cut into parts that compute steps evaluate one after
 * another, so that little is left of it. A part that would be evaluated for more rows than the expression
 * evaluates it for is cut off only where it can raise no error; what is still too large then is returned
 * as it is. In steps, one for each value that has a name.
 */
export function reducedSteps(fresh: FreshIds, open: Open, expr: Expression): Steps<Expression> {
  return new Reduction(fresh, open).reduce(expr, true)
}

class Reduction {
  readonly #fresh: FreshIds
  readonly #open: Open

  constructor(fresh: FreshIds, open: Open) {
    this.#fresh = fresh
    this.#open = open
  }

  /** `isAlways`: the expression is evaluated for every row. */
  *reduce(expr: Expression, isAlways: boolean): Steps<Expression> {
    if (this.#fits(expr)) return expr
    switch (expr.kind) {
      case 'column':
        return yield* this.#projection(expr, isAlways)
      case 'let':
        return yield* this.#named(expr, isAlways)
      case 'case':
        return this.#branches(this.#deciding(expr, isAlways) as ExpressionOf<'case'>)
      case 'and':
      case 'or':
        return this.#conditions(this.#deciding(expr, isAlways) as ExpressionOf<'and'>, isAlways)
      case 'literal':
      case 'parameter':
      case 'call':
      case 'cast':
      case 'in-list':
      case 'in-set':
      case 'subquery': {
        const smaller = mapExpressionChildren(expr, (child) =>
          finishSteps(this.reduce(child, isAlways)),
        )
        return this.#fits(smaller) ? smaller : this.#arguments(smaller, isAlways)
      }
    }
  }

  #fits(expr: Expression): boolean {
    return isSmall(resolvedTraits(this.#open, expr))
  }

  #maySplit(expr: Expression, isAlways: boolean): boolean {
    return isAlways || !resolvedTraits(this.#open, expr).mayRaise
  }

  #compute(expr: Expression): Expression {
    const isPlain = expr.kind === 'literal' || expr.kind === 'column'
    const isThere = isPlain && resolvedTraits(this.#open, expr).nodes === 1
    return isThere ? expr : compute(this.#fresh, this.#open, expr)
  }

  /** A column that a projection makes is computed once, whoever reads it. */
  *#projection(column: ExpressionOf<'column'>, isAlways: boolean): Steps<Expression> {
    const definition = present(this.#open.definitions.get(column.id), 'definition of a column')
    if (!this.#maySplit(definition, isAlways)) return column
    const smaller = yield* this.reduce(definition, true)
    if (this.#fits(smaller)) define(this.#open, column.id, this.#compute(smaller))
    return column
  }

  /** Names become columns: each value is computed once, in order. */
  *#named(expr: ExpressionOf<'let'>, isAlways: boolean): Steps<Expression> {
    if (!this.#maySplit(expr, isAlways)) return expr
    const columns = new Map<ColumnId, Expression>()
    const withColumns = (part: Expression): Expression =>
      replaceColumns(part, (id) => columns.get(id))
    for (const { id, value } of expr.bindings) {
      const smaller = yield* this.reduce(withColumns(value), true)
      if (!this.#fits(smaller)) return expr
      columns.set(id, this.#compute(smaller))
      yield
    }
    return yield* this.reduce(withColumns(expr.body), true)
  }

  /** The parts of what evaluates only its first one always. */
  #deciding(expr: Expression, isAlways: boolean): Expression {
    let isFirst = true
    return mapExpressionChildren(expr, (child) => {
      const always = isAlways && isFirst
      isFirst = false
      return finishSteps(this.reduce(child, always))
    })
  }

  #arguments(expr: Expression, isAlways: boolean): Expression {
    let { nodes, branches }: CodeSize = resolvedTraits(this.#open, expr)
    return mapExpressionChildren(expr, (child) => {
      const own = resolvedTraits(this.#open, child)
      const isCut = !isSmall({ nodes, branches }) && own.nodes > 1 && isSmall(own)
      if (!isCut || !this.#maySplit(child, isAlways)) return child
      nodes -= own.nodes - 1
      branches -= own.branches
      return this.#compute(child)
    })
  }

  /** AND and OR of parts of themselves. */
  #conditions(expr: ExpressionOf<'and'>, isAlways: boolean): Expression {
    if (this.#fits(expr)) return expr
    const [first, ...others] = this.#pieces(expr.args, (arg) => [arg])
    if (first === undefined || !this.#maySplit(expr, false)) return expr
    const piece = (args: readonly Expression[]): Expression =>
      args.length === 1 ? args[0]! : { ...expr, args }
    const parts = [first, ...others].map(piece)
    const cut = parts.map((part, at) =>
      this.#fits(part) && this.#maySplit(part, isAlways && at === 0) ? this.#compute(part) : part,
    )
    return piece(cut)
  }

  /** CASE whose ELSE is what the branches behind its first ones give, computed from the last on. */
  #branches(expr: ExpressionOf<'case'>): Expression {
    if (this.#fits(expr)) return expr
    const pieces = this.#pieces(expr.branches, ({ when, then }) => [when, then])
    if (!this.#fits(expr.otherwise)) return expr
    return pieces.reduceRight<Expression>((otherwise, branches, at) => {
      const part = { ...expr, branches, otherwise }
      const isCut = at > 0 && this.#fits(part) && this.#maySplit(part, false)
      return isCut ? this.#compute(part) : part
    }, expr.otherwise)
  }

  /** Consecutive items of which each list is small enough for one function. */
  #pieces<T>(
    items: readonly T[],
    partsOf: (item: T) => readonly Expression[],
  ): readonly (readonly T[])[] {
    const pieces: T[][] = []
    let size = newSize()
    for (const item of items) {
      const parts = partsOf(item)
      // The node decides after each of its parts whether the next is evaluated.
      const deciding: CodeSize = { nodes: 0, branches: parts.length }
      const own = parts.map((part) => resolvedTraits(this.#open, part)).reduce(added, deciding)
      const grown = added(size, own)
      // Beside the parts there are the node itself and what stands for those before.
      const piece = pieces.at(-1)
      if (piece !== undefined && isSmall(added(grown, { nodes: SPARE_NODES, branches: 0 }))) {
        piece.push(item)
        size = grown
      } else {
        pieces.push([item])
        size = own
      }
    }
    return pieces
  }
}

const SPARE_NODES = 16
