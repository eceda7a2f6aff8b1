import type { Relation } from '../logical/relation.ts'
import type { Namespace, QueryEnvironment, QueryLevel } from './context.ts'

/** A bound FROM item: its rows, and the names under which they are known. */
export interface FromItem {
  readonly relation: Relation
  readonly namespace: Namespace
}

/** What binding a FROM item may look at; `before` holds the items that LATERAL can refer to. */
export interface FromContext {
  readonly environment: QueryEnvironment
  readonly level: QueryLevel
  readonly before: Namespace
}
