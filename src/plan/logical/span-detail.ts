import type { Span } from '../../base/span.ts'

/** Where an error points, as its details have it. */
export function spanDetail(span: Span | undefined): { readonly span?: Span } {
  return span === undefined ? {} : { span }
}
