import type { ArrayParts } from './array-text.ts'
import type { SortKeyWriter } from './sort-key.ts'

const ELEMENT = 1
const NULL_ELEMENT = 2

/**
 * Appends what equal arrays have in common, in their order: the elements one after another, NULLs above all,
 * then the dimensions. `writeElement` appends the key of an element.
 */
export function writeArrayKey<T>(
  out: SortKeyWriter,
  { dimensions, elements }: ArrayParts<T>,
  writeElement: (item: NonNullable<T>) => void,
): void {
  for (const item of elements) {
    if (item === null || item === undefined) out.byte(NULL_ELEMENT)
    else {
      out.byte(ELEMENT)
      writeElement(item)
    }
  }
  out.byte(0)
  out.byte(dimensions.length)
  for (const { length } of dimensions) out.unsigned(length, 4)
  for (const { lower } of dimensions) out.signed(lower, 4)
}
