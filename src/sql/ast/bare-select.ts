import type { Span } from '../../base/span.ts'
import type {
  QueryBody,
  SelectCore,
  SelectItem,
  SelectStatement,
  TableExpression,
} from './select.ts'

/** `SELECT items FROM from`, and nothing else. */
export function bareSelect(
  items: readonly SelectItem[],
  from: readonly TableExpression[],
  span: Span,
): SelectCore {
  return {
    kind: 'core',
    distinct: undefined,
    items,
    from,
    where: undefined,
    groupBy: undefined,
    having: undefined,
    windows: [],
    qualify: undefined,
    sample: undefined,
    span,
  }
}

/** A query of a body, without WITH, ORDER BY and whatever else may stand around it. */
export function bareQuery(body: QueryBody, span: Span): SelectStatement {
  return {
    kind: 'select',
    with: undefined,
    body,
    orderBy: [],
    orderByAll: false,
    limit: undefined,
    offset: undefined,
    withTies: false,
    locking: [],
    span,
  }
}
