import { writeArrayKey } from '../types/array-key.ts'
import { writeArrayText, type ArrayParts } from '../types/array-text.ts'
import { writeValueKey } from '../types/catalogue.ts'
import { keysTell } from '../types/bare-list.ts'
import type { ArrayType } from '../types/data-type.ts'
import { formatScalar } from '../types/format-scalar.ts'
import type { Scalar } from '../types/scalar.ts'
import { SortKeyWriter } from '../types/sort-key.ts'

/** What lies in memory for an array of these elements, without a detour by its text. */
export function bytesOfArray(
  { dimensions, elements }: ArrayParts<Scalar>,
  { element }: ArrayType,
): Uint8Array {
  out.clear()
  writeArrayKey(out, { dimensions, elements }, (item) => writeValueKey(out, item, element))
  const isList = dimensions.length === 1 && dimensions[0]?.lower === 1
  const isTold = keysTell(element) && !elements.some((item) => Object.is(item, -0))
  if (isList && isTold) return out.finishBare()
  const texts = elements.map((item) => (item === null ? null : formatScalar(item, element)))
  return out.finishKeyed(writeArrayText({ dimensions, elements: texts }))
}

/** Used again and again: most arrays are short, and there are many. */
const out = new SortKeyWriter()
