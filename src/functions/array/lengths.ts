import { readArrayText, writeArrayText } from '../../data/types/array-text.ts'
import type { DataType, TypeKind } from '../../data/types/data-type.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { storableBits } from '../bits/functions.ts'
import { scalar } from '../define.ts'
import type { ScalarFunction } from '../function.ts'
import { checkBytes } from '../text/bounds.ts'
import { cut, storable } from '../text/limits.ts'
import { padded, storablePadded } from '../text/padded.ts'
import { arrayPlace, elementType } from '../array-elements.ts'
import { cutForm, cutsElements } from './shape-forms.ts'

type Limited = (text: string, most: number) => string

/** The array with each element as `limited` makes it. */
function each(array: Scalar, most: Scalar, limited: Limited): string {
  const { dimensions, elements } = readArrayText(String(array))
  let bytes = 0
  const made = elements.map((item) => {
    const text = item === null ? null : limited(item, Number(most))
    checkBytes((bytes += text?.length ?? 0))
    return text
  })
  return writeArrayText({ dimensions, elements: made })
}

/** What a cast and what storing does with elements; those that are not here are texts. */
const limits: Readonly<
  Partial<Record<TypeKind, { readonly cut: Limited; readonly store: Limited }>>
> = {
  bpchar: { cut: padded, store: storablePadded },
  bit: {
    cut: (bits, most) => bits.slice(0, most).padEnd(most, '0'),
    store: (bits, most) => storableBits(bits, most, true),
  },
  varbit: {
    cut: (bits, most) => bits.slice(0, most),
    store: (bits, most) => storableBits(bits, most, false),
  },
}

function limitsOf(type: DataType | undefined): { readonly cut: Limited; readonly store: Limited } {
  return limits[elementType(type).kind] ?? { cut, store: storable }
}

/** What varchar(n)[], char(n)[] and arrays of bits do with each element. */
export const lengths: readonly ScalarFunction[] = [
  scalar({
    name: 'cut_elements',
    args: ['array', 'int4'],
    returns: arrayPlace,
    raises: true,
    doc: 'A cast to an array of varchar(n) or char(n): each element is cut off, or made up with blanks.',
    example: "cut_elements('{abc,d}'::text[], 2) -- {ab,d}",
    evaluate: ([array = null, most = null], [type]) => each(array, most, limitsOf(type).cut),
    inline: cutForm(false),
    inlineFor: cutsElements,
    isDear: true,
  }),
  scalar({
    name: 'store_elements',
    args: ['array', 'int4'],
    returns: arrayPlace,
    raises: true,
    doc: 'The array for a column of varchar(n)[] or char(n)[]: a longer element is an error.',
    example: "store_elements('{ab,d}'::text[], 2) -- {ab,d}",
    evaluate: ([array = null, most = null], [type]) => each(array, most, limitsOf(type).store),
    inline: cutForm(true),
    inlineFor: cutsElements,
    isDear: true,
  }),
]
