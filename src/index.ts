export { connect } from './engine/connect.ts'
export type { Database } from './engine/database.ts'
export type { ClusterOptions, ConnectOptions } from './engine/process/options.ts'
export type { HostParameter, HostValue } from './engine/results/host-values.ts'
export type { Batch, QueryResult, ResultColumn, Row } from './engine/results/result.ts'
export type { Door, RunningQuery } from './engine/process/running-queries.ts'
export type { Trace, TraceLevel, TraceSpan, TraceValue } from './base/trace.ts'
export type { RunOptions } from './engine/results/query.ts'
export type { Session } from './engine/session.ts'
export { QueryError, type ErrorCode, type ErrorDetails } from './base/errors.ts'
export type { DataType } from './data/types/data-type.ts'
export type { DataFrame, GroupedFrame } from './collections/dataframe/dataframe.ts'
export { call, col, Column, lit, when } from './collections/dataframe/expression.ts'
export {
  aggregate,
  avg,
  count,
  countDistinct,
  FrameAggregate,
  max,
  min,
  sum,
} from './collections/dataframe/aggregate.ts'
export {
  FrameWindow,
  window,
  windowFunction,
  type FrameWindowFunction,
  type WindowEnd,
} from './collections/dataframe/window.ts'
export {
  Client,
  type Gathered,
  type GatherOptions,
  type ScatterOptions,
} from './cluster/futures/client.ts'
export { LocalCluster, type LocalClusterOptions } from './cluster/futures/cluster.ts'
export { Future, type Given } from './cluster/futures/future.ts'
export type { FutureStatus } from './cluster/futures/future-entry.ts'
export { ModuleFunction } from './cluster/futures/module-function.ts'
export type { SubmitOptions, WaitOptions } from './cluster/futures/options.ts'
export type { AsCompleted, WaitFor } from './cluster/futures/waiting.ts'
export type { TaskContext } from './cluster/user-functions/call-server.ts'
