import type { AstExpression } from '../../sql/ast/expression.ts'
import type { QueryBody } from '../../sql/ast/select.ts'

/** The name of an output column without alias, by PostgreSQL's rules (FigureColname). */
export function outputName(ast: AstExpression): string {
  return figure(ast).name ?? '?column?'
}

interface Figured {
  readonly name: string | undefined
  /** A name that a surrounding cast or CASE may replace is weak. */
  readonly weak: boolean
}

const nameless: Figured = { name: undefined, weak: true }

function figure(ast: AstExpression): Figured {
  switch (ast.kind) {
    case 'column':
      return strong(ast.name.parts.at(-1)?.text)
    case 'function':
      return strong(ast.name.parts.at(-1)?.text)
    case 'field':
      return strong(ast.name.text)
    case 'subscript':
    case 'collate':
      return figure(ast.arg)
    case 'cast': {
      const arg = figure(ast.arg)
      return arg.weak ? { name: ast.type.name, weak: true } : arg
    }
    case 'typed-literal':
      return { name: ast.type.name, weak: true }
    case 'interval-literal':
      return { name: 'interval', weak: true }
    case 'case': {
      const otherwise = ast.otherwise === undefined ? nameless : figure(ast.otherwise)
      return otherwise.weak ? { name: 'case', weak: true } : otherwise
    }
    case 'extract':
      return strong('extract')
    case 'at-time-zone':
      return strong('timezone')
    case 'exists':
      return strong('exists')
    case 'array':
      return strong('array')
    case 'row':
      return strong('row')
    case 'grouping':
      return strong('grouping')
    case 'subquery':
      return figureQuery(ast.query.body)
    case 'number':
    case 'string':
    case 'boolean':
    case 'null':
    case 'parameter':
    case 'unary':
    case 'binary':
    case 'quantified':
    case 'between':
    case 'in':
    case 'like':
    case 'is':
    case 'star':
    case 'columns':
    case 'named-argument':
    case 'variadic-argument':
    case 'composite-star':
    case 'default':
      return nameless
  }
}

function figureQuery(body: QueryBody): Figured {
  switch (body.kind) {
    case 'core': {
      const [item] = body.items
      if (item === undefined) return nameless
      return item.alias === undefined ? figure(item.expr) : strong(item.alias.text)
    }
    case 'values':
      return strong('column1')
    case 'nested':
      return figureQuery(body.query.body)
    case 'set-operation':
      return figureQuery(body.left)
  }
}

function strong(name: string | undefined): Figured {
  return { name, weak: name === undefined }
}
