import type { MemoryViews } from '../arenas/memory-views.ts'
import { address } from '../arenas/address.ts'
import { codeAt, isValid } from './to-scalars.ts'
import { NO_ADDRESS, type Vector } from './vector.ts'

/** What entries of dictionaries became, by dictionary. */
export type KnownEntries<T> = Map<Vector, readonly T[]>

/** Adds something of each value of a vector without a dictionary; what is added of a NULL is not looked at. */
export type AddPlain<T> = (values: T[], memory: MemoryViews, vector: Vector) => void

/** Whether a vector has fewer rows than its dictionary entries: most of these stand for none of them. */
export function isSparse({ dictionary, length }: Vector): boolean {
  return dictionary !== undefined && length < dictionary.length
}

/**
 * Adds something of each value of a vector, null of each NULL. Entries of a dictionary are turned into it once.
 * `known`: what was made of the dictionaries of vectors before.
 */
export function addColumn<T>(
  values: (T | null)[],
  memory: MemoryViews,
  vector: Vector,
  known: KnownEntries<T | null>,
  addPlain: AddPlain<T | null>,
): void {
  const start = values.length
  const { dictionary, length } = vector
  if (dictionary === undefined) addPlain(values, memory, vector)
  else if (isSparse(vector)) {
    for (let row = 0; row < length; row++) {
      const at = dictionary.offsets + 4 * codeAt(memory, vector, row)
      addPlain(values, memory, { ...dictionary, length: 1, offsets: address(at) })
    }
  } else {
    let distinct = known.get(dictionary)
    if (distinct === undefined) {
      const made: (T | null)[] = []
      addPlain(made, memory, dictionary)
      distinct = made
      known.set(dictionary, distinct)
    }
    for (let row = 0; row < length; row++) {
      values.push(distinct[codeAt(memory, vector, row)] ?? null)
    }
  }
  if (vector.validity === NO_ADDRESS) return
  for (let row = 0; row < length; row++) {
    if (!isValid(memory, vector, row)) values[start + row] = null
  }
}
