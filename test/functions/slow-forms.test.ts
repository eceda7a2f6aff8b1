import { expect, test } from 'vitest'
import { builtInFunctions } from '../../src/functions/built-in.ts'

/**
 * What runs once a row in TypeScript where its column has no dictionary: names, by the reason. The lists may
 * only shrink, and a function that is added has a form in code.
 */
const withoutCode: Readonly<Record<string, string>> = {
  'values that are texts of a structure: kernels would have to read JSON and arrays':
    'array_of array_fill cardinality array_ndims array_dims array_length array_lower array_upper array_append ' +
    'array_prepend array_cat array_remove array_replace trim_array array_position array_positions @> <@ && ' +
    'array_to_string string_to_array array_element array_slice cut_elements store_elements -> ->> #> #>> ' +
    'json_extract_path json_extract_path_text jsonb_extract_path jsonb_extract_path_text json_typeof ' +
    'json_array_length jsonb_typeof jsonb_array_length to_json json_build_array json_build_object to_jsonb ' +
    'jsonb_build_array jsonb_build_object array_to_json ? ?| ?& || #- jsonb_set jsonb_insert ' +
    'jsonb_strip_nulls jsonb_pretty',
  'quantified comparisons with the elements of an array':
    '= any|= all|<> any|<> all|< any|< all|<= any|<= all|> any|> all|>= any|>= all|~~ any|~~ all|!~~ any|' +
    '!~~ all|~~* any|~~* all|!~~* any|!~~* all',
  'regular expressions whose result is an array': 'regexp_match regexp_split_to_array',
  'logarithms, powers and roots of any number of digits, or rarely over many rows':
    'sqrt exp ln log log10 power pow ^ gcd lcm factorial width_bucket + -',
  'another number for each row': 'random',
  'texts of char(n), which stand behind a key': 'quote_literal pad_characters store_bpchar to_char',
  'asked once a statement': 'gen_random_uuid current_setting set_config',
}

test('functions without a form in code are listed, with the reason', () => {
  const listed = new Set(
    Object.values(withoutCode).flatMap((names) => names.split(names.includes('|=') ? '|' : ' ')),
  )
  const slow = builtInFunctions.scalar.all.filter(
    ({ inline, literalForm }) => inline === undefined && literalForm === undefined,
  )
  const names = new Set(slow.map(({ name }) => name))
  expect([...names].filter((name) => !listed.has(name))).toEqual([])
  expect(
    [...listed].filter((name) => !names.has(name)),
    'has a form now',
  ).toEqual([])
  expect(slow.length, 'overloads without a form, of which there may only be fewer').toBe(130)
})
