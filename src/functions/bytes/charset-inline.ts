import { viewForm } from '../kernel-forms.ts'
import type { InlineForm } from '../inline.ts'

/*
 * Bytes below 128 mean the same in every encoding that can be converted from: where there are no others, and the names are
 * those of encodings that are met often, the kernel gives what it was given.
 */

export const fromCharsetForm: InlineForm = viewForm('bytesPlain')
export const toCharsetForm: InlineForm = viewForm('bytesPlain')
export const convertForm: InlineForm = viewForm('bytesPlainBetween')
