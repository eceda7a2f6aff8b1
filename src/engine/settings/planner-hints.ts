import {
  integer,
  kibibytes,
  onOrOff,
  oneOf,
  pages,
  real,
  type SettingKind,
} from './setting-kinds.ts'

/** A setting of PostgreSQL's that changes how a query runs and never what it answers. */
export interface PlannerHint extends SettingKind {
  readonly initial: string
  readonly doc: string
  readonly isHint: true
}

function hint(initial: string, kind: SettingKind): PlannerHint {
  return { initial, doc: 'A hint to PostgreSQL; kept, not used.', isHint: true, ...kind }
}

/**
 * The settings of PostgreSQL's planner, memory and disks, with its ranges. They cannot make an answer wrong,
 * so they are taken, with a notice that Heddle has no use for them.
 */
export const plannerHints = {
  backend_flush_after: hint('0', integer(0, 256, pages)),
  commit_siblings: hint('5', integer(0, 1000)),
  constraint_exclusion: hint('partition', oneOf(['partition', 'on', 'off'])),
  cpu_index_tuple_cost: hint('0.005', real(0, Number.MAX_VALUE)),
  cpu_operator_cost: hint('0.0025', real(0, Number.MAX_VALUE)),
  cpu_tuple_cost: hint('0.01', real(0, Number.MAX_VALUE)),
  cursor_tuple_fraction: hint('0.1', real(0, 1)),
  default_statistics_target: hint('100', integer(1, 10000)),
  default_toast_compression: hint('pglz', oneOf(['pglz', 'lz4'])),
  effective_cache_size: hint('524288', integer(1, 2_147_483_647, pages)),
  effective_io_concurrency: hint('1', integer(0, 1000)),
  enable_async_append: hint('on', onOrOff()),
  enable_bitmapscan: hint('on', onOrOff()),
  enable_gathermerge: hint('on', onOrOff()),
  enable_hashagg: hint('on', onOrOff()),
  enable_hashjoin: hint('on', onOrOff()),
  enable_incremental_sort: hint('on', onOrOff()),
  enable_indexonlyscan: hint('on', onOrOff()),
  enable_indexscan: hint('on', onOrOff()),
  enable_material: hint('on', onOrOff()),
  enable_memoize: hint('on', onOrOff()),
  enable_mergejoin: hint('on', onOrOff()),
  enable_nestloop: hint('on', onOrOff()),
  enable_parallel_append: hint('on', onOrOff()),
  enable_parallel_hash: hint('on', onOrOff()),
  enable_partition_pruning: hint('on', onOrOff()),
  enable_partitionwise_aggregate: hint('off', onOrOff()),
  enable_partitionwise_join: hint('off', onOrOff()),
  enable_seqscan: hint('on', onOrOff()),
  enable_sort: hint('on', onOrOff()),
  enable_tidscan: hint('on', onOrOff()),
  force_parallel_mode: hint('off', oneOf(['off', 'on', 'regress'])),
  from_collapse_limit: hint('8', integer(1, 2_147_483_647)),
  geqo: hint('on', onOrOff()),
  geqo_effort: hint('5', integer(1, 10)),
  geqo_generations: hint('0', integer(0, 2_147_483_647)),
  geqo_pool_size: hint('0', integer(0, 2_147_483_647)),
  geqo_seed: hint('0', real(0, 1)),
  geqo_selection_bias: hint('2', real(1.5, 2)),
  geqo_threshold: hint('12', integer(2, 2_147_483_647)),
  gin_fuzzy_search_limit: hint('0', integer(0, 2_147_483_647)),
  gin_pending_list_limit: hint('4096', integer(64, 2_147_483_647, kibibytes)),
  hash_mem_multiplier: hint('2', real(1, 1000)),
  jit: hint('on', onOrOff()),
  jit_above_cost: hint('100000', real(-1, Number.MAX_VALUE)),
  jit_expressions: hint('on', onOrOff()),
  jit_inline_above_cost: hint('500000', real(-1, Number.MAX_VALUE)),
  jit_optimize_above_cost: hint('500000', real(-1, Number.MAX_VALUE)),
  jit_tuple_deforming: hint('on', onOrOff()),
  join_collapse_limit: hint('8', integer(1, 2_147_483_647)),
  logical_decoding_work_mem: hint('65536', integer(64, 2_147_483_647, kibibytes)),
  maintenance_io_concurrency: hint('10', integer(0, 1000)),
  maintenance_work_mem: hint('65536', integer(1024, 2_147_483_647, kibibytes)),
  max_parallel_maintenance_workers: hint('2', integer(0, 1024)),
  max_parallel_workers: hint('8', integer(0, 1024)),
  max_parallel_workers_per_gather: hint('2', integer(0, 1024)),
  min_parallel_index_scan_size: hint('64', integer(0, 715_827_882, pages)),
  min_parallel_table_scan_size: hint('1024', integer(0, 715_827_882, pages)),
  parallel_leader_participation: hint('on', onOrOff()),
  parallel_setup_cost: hint('1000', real(0, Number.MAX_VALUE)),
  parallel_tuple_cost: hint('0.1', real(0, Number.MAX_VALUE)),
  plan_cache_mode: hint('auto', oneOf(['auto', 'force_generic_plan', 'force_custom_plan'])),
  random_page_cost: hint('4', real(0, Number.MAX_VALUE)),
  recursive_worktable_factor: hint('10', real(0.001, 1e6)),
  seq_page_cost: hint('1', real(0, Number.MAX_VALUE)),
  synchronize_seqscans: hint('on', onOrOff()),
  synchronous_commit: hint('on', oneOf(['local', 'remote_write', 'remote_apply', 'on', 'off'])),
  temp_buffers: hint('1024', integer(100, 1_073_741_823, pages)),
  wal_skip_threshold: hint('2048', integer(0, 2_147_483_647, kibibytes)),
  work_mem: hint('4096', integer(64, 2_147_483_647, kibibytes)),
} as const satisfies Readonly<Record<string, PlannerHint>>
