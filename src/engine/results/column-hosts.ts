import { textOfUtf8 } from '../../base/utf8.ts'
import type { MemoryViews } from '../../data/arenas/memory-views.ts'
import type { ArrayType } from '../../data/types/data-type.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { keyedText } from '../../data/types/sort-key.ts'
import { addColumn, type KnownEntries } from '../../data/vectors/add-column.ts'
import { integerReader } from '../../data/vectors/cells.ts'
import { addValues } from '../../data/vectors/column-scalars.ts'
import { addWrittenTexts } from '../../data/vectors/column-texts.ts'
import { listElements, type ListElements } from '../../data/vectors/list-elements.ts'
import { bytesAt, scalarAt } from '../../data/vectors/to-scalars.ts'
import type { Vector } from '../../data/vectors/vector.ts'
import { arrayToHost, dateOf, isAsInHost, MICROS_PER_MS, type HostValue } from './host-values.ts'

/** Adds all values of a vector to others, as the embedded API gives them: `toHosts` without a scalar of each. */
export function addHosts(
  hosts: HostValue[],
  memory: MemoryViews,
  vector: Vector,
  known: KnownEntries<HostValue> = new Map(),
): void {
  addColumn(hosts, memory, vector, known, addPlainHosts)
}

function addPlainHosts(hosts: HostValue[], memory: MemoryViews, vector: Vector): void {
  const { type } = vector
  // Scalars of these types are hosts.
  if (isAsInHost(type)) return addValues(hosts as Scalar[], memory, vector)
  if (type.kind === 'timestamp' || type.kind === 'timestamptz') {
    return addDates(hosts, memory, vector)
  }
  if (type.kind === 'array') return addLists(hosts, memory, vector, type)
  addWrittenTexts(hosts, memory, vector)
}

function addDates(hosts: HostValue[], memory: MemoryViews, vector: Vector): void {
  const read = integerReader(memory, vector)
  for (let row = 0; row < vector.length; row++) {
    const micros = read?.(row) ?? Number.NaN
    if (Number.isNaN(micros)) {
      const exact = scalarAt(memory, vector, row)
      hosts.push(exact === null ? null : dateOf(exact as bigint))
    } else hosts.push(new Date(Math.trunc(micros / MICROS_PER_MS)))
  }
}

/** Lists that are taken apart at once, in bytes. */
const LISTS_BYTES_MAX = 1_048_576

function addLists(hosts: HostValue[], memory: MemoryViews, vector: Vector, type: ArrayType): void {
  for (let from = 0; from < vector.length;) {
    const lists = listElements(memory, vector, from, LISTS_BYTES_MAX)
    const elements: HostValue[] = []
    addHosts(elements, lists.memory, lists.elements)
    cutLists(hosts, elements, lists, (row) => withText(memory, vector, row, type))
    from = lists.to
  }
}

/** Elements as the lists of their rows; `other`: what stands for a row that has none. */
function cutLists(
  hosts: HostValue[],
  elements: readonly HostValue[],
  { from, ends }: ListElements,
  other: (row: number) => HostValue,
): void {
  let start = 0
  for (let row = 0; row < ends.length; row++) {
    const end = ends[row]!
    hosts.push(end > start ? elements.slice(start, end) : other(from + row))
    start = end
  }
}

/** An array that has its text; nothing of NULL. */
function withText(memory: MemoryViews, vector: Vector, row: number, type: ArrayType): HostValue {
  const bytes = bytesAt(memory, vector, row)
  // Text decoders refuse shared memory, hence the copy.
  return bytes.length === 0 ? null : arrayToHost(textOfUtf8(keyedText(bytes.slice())), type)
}
