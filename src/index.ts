export { connect } from './engine/connect.ts'
export type { Database } from './engine/database.ts'
export type { ClusterOptions, ConnectOptions } from './engine/options.ts'
export type { HostParameter, HostValue } from './engine/host-values.ts'
export type { Batch, QueryResult, ResultColumn, Row } from './engine/result.ts'
export type { Door, RunningQuery } from './engine/running-queries.ts'
export type { Trace, TraceLevel, TraceSpan, TraceValue } from './base/trace.ts'
export type { RunOptions } from './engine/query.ts'
export type { Session } from './engine/session.ts'
export { QueryError, type ErrorCode, type ErrorDetails } from './base/errors.ts'
export type { DataType } from './data/types/data-type.ts'
export type { DataFrame, GroupedFrame } from './collections/dataframe/dataframe.ts'
export {
  avg,
  call,
  col,
  Column,
  count,
  countDistinct,
  lit,
  max,
  min,
  sum,
  when,
} from './collections/dataframe/expression.ts'
