/** A suite as `bench all` runs it, and what its ratios are to be. */
export interface ReportedSuite {
  readonly title: string
  /** The suite's name and options on the command line. */
  readonly args: readonly string[]
  /** The geometric mean of all cases at each number of threads, at most. */
  readonly geomeanMax?: number
  /** Any one case, at most. */
  readonly worstMax?: number
}

/** All suites that have a peer, the queries that people know first. */
export const reportedSuites: readonly ReportedSuite[] = [
  { title: 'TPC-H in memory', args: ['tpch'], geomeanMax: 0.4, worstMax: 1 },
  { title: 'TPC-DS in memory', args: ['tpcds'], geomeanMax: 0.6, worstMax: 1.2 },
  {
    title: 'TPC-H from Parquet, snappy',
    args: ['tpch', '--source', 'snappy', '--runs', '5'],
    geomeanMax: 0.7,
    worstMax: 1.1,
  },
  {
    title: 'TPC-H from Parquet, zstd',
    args: ['tpch', '--source', 'zstd', '--runs', '5'],
    geomeanMax: 0.7,
    worstMax: 1.1,
  },
  { title: "h2o.ai's questions", args: ['h2o'], geomeanMax: 0.5, worstMax: 1 },
  { title: 'sorts', args: ['sorts'], geomeanMax: 0.5, worstMax: 1 },
  { title: 'window functions', args: ['windows'], geomeanMax: 0.7, worstMax: 1.2 },
  { title: 'CSV and JSON', args: ['scans'], geomeanMax: 0.6, worstMax: 1.2 },
  { title: 'folders of many files', args: ['hive'], geomeanMax: 0.8, worstMax: 1.2 },
  { title: 'more than memory', args: ['spill'], geomeanMax: 1, worstMax: 2 },
  { title: 'tables larger than memory', args: ['tiers'] },
  { title: 'first runs', args: ['first-run'], geomeanMax: 0.9, worstMax: 2.5 },
  { title: 'joins on ranges', args: ['ranges'], geomeanMax: 0.8, worstMax: 1.2 },
  { title: 'prepared point lookups', args: ['points'], geomeanMax: 0.4, worstMax: 0.8 },
  { title: 'eight sessions', args: ['concurrent'], geomeanMax: 0.8, worstMax: 1.5 },
  { title: 'rows to JavaScript', args: ['javascript'], geomeanMax: 0.8, worstMax: 1 },
  { title: 'operators', args: ['operators'], geomeanMax: 0.6, worstMax: 1.2 },
  { title: 'functions', args: ['functions'], geomeanMax: 0.8, worstMax: 2 },
  { title: 'changes of a table', args: ['changes'], geomeanMax: 0.8, worstMax: 1.5 },
  { title: 'aggregates', args: ['aggregates'] },
  { title: 'grouping sets', args: ['grouping'] },
  { title: 'series', args: ['series'] },
  { title: 'long IN lists', args: ['lists'] },
  { title: 'files', args: ['files'] },
  { title: 'statements never seen before', args: ['fresh'] },
  { title: 'few and many rows', args: ['rows'] },
  { title: 'smallest queries', args: ['latency'] },
  { title: 'from the start of a process', args: ['cold'] },
]
