import { aliases } from './define.ts'
import type { ScalarFunction } from './function.ts'

/** Functions of PostgreSQL by the names that DuckDB has for them. */
const names: Readonly<Record<string, readonly string[]>> = {
  'lower(text)': ['lcase'],
  'upper(text)': ['ucase'],
  'length(text)': ['len'],
  'octet_length(text)': ['strlen'],
  'ascii(text)': ['ord', 'unicode'],
  'strpos(text,text)': ['instr'],
  'starts_with(text,text)': ['prefix'],
  'string_to_array(text,text)': ['string_split', 'str_split'],
  'regexp_split_to_array(text,text)': ['string_split_regex', 'str_split_regex'],
}

/** The entries of such names, of those that are given. */
export function withOtherNames(functions: readonly ScalarFunction[]): readonly ScalarFunction[] {
  return functions.flatMap((entry) => {
    const others = Object.hasOwn(names, entry.id) ? names[entry.id]! : []
    return [entry, ...aliases([entry], ...others)]
  })
}
