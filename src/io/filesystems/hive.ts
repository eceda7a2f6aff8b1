/** The folder name that Hive gives to rows whose partition column is NULL. */
const NULL_PARTITION = '__HIVE_DEFAULT_PARTITION__'

export interface HivePartitions {
  /** Names of the partition columns, outermost first. */
  readonly columns: readonly string[]
  /** One list a file, one value a column. */
  readonly values: readonly (readonly (string | null)[])[]
}

/**
 * The `key=value` folders in the files' paths. Only where every file has the same keys in the same
 * order are they columns.
 */
export function hivePartitions(paths: readonly string[]): HivePartitions {
  const pairs = paths.map((path) => pairsOf(path))
  const columns = (pairs[0] ?? []).map(({ key }) => key)
  const regular =
    new Set(columns).size === columns.length &&
    pairs.every(
      (file) =>
        file.length === columns.length && file.every(({ key }, index) => key === columns[index]),
    )
  if (!regular) return { columns: [], values: paths.map(() => []) }
  return { columns, values: pairs.map((file) => file.map(({ value }) => value)) }
}

interface Pair {
  readonly key: string
  readonly value: string | null
}

function pairsOf(path: string): readonly Pair[] {
  const pairs: Pair[] = []
  const folders = path.lastIndexOf('/')
  for (let equals = path.indexOf('='); equals >= 0 && equals < folders;) {
    const start = path.lastIndexOf('/', equals) + 1
    const end = path.indexOf('/', equals)
    if (equals > start) {
      const value = decoded(path.slice(equals + 1, end))
      const key = decoded(path.slice(start, equals))
      pairs.push({ key, value: value === NULL_PARTITION ? null : value })
    }
    equals = path.indexOf('=', end)
  }
  return pairs
}

function decoded(part: string): string {
  if (!part.includes('%')) return part
  try {
    return decodeURIComponent(part)
  } catch {
    // A percent sign that is no escape stands for itself.
    return part
  }
}
