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

function pairsOf(path: string): readonly { readonly key: string; readonly value: string | null }[] {
  return path
    .split('/')
    .slice(0, -1)
    .flatMap((segment) => {
      const equals = segment.indexOf('=')
      if (equals < 1) return []
      const value = decoded(segment.slice(equals + 1))
      return [
        { key: decoded(segment.slice(0, equals)), value: value === NULL_PARTITION ? null : value },
      ]
    })
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
