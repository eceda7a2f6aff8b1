import { expect, test } from 'vitest'
import { encodingNames } from '../../src/functions/catalogs/encodings.ts'
import { catalogFunctions } from '../../src/functions/catalogs/functions.ts'
import { informationSchemaFunctions } from '../../src/functions/catalogs/information-schema.ts'
import type { ScalarFunction } from '../../src/functions/function.ts'
import { builtInFunctions } from '../../src/functions/built-in.ts'

/**
 * What runs once a row in TypeScript where its column has no dictionary: names, by the reason. The lists may
 * only shrink, and a function that is added has a form in code.
 */
const withoutCode: Readonly<Record<string, string>> = {
  'zones by name of times of day': 'timezone',
  'made of arrays of texts, mostly once': 'json_object jsonb_object',
  'documents that are written anew': 'json_strip_nulls jsonb_set_lax',
  'members that are arrays and rows of any depth': 'json_field_as jsonb_field_as',
  'objects as rows': 'json_populate_record jsonb_populate_record',
  'columns of which a part is assigned to':
    'array_with_element array_with_slice jsonb_with_part record_with_field',
  'of names and sizes, of which there are few': 'parse_ident pg_size_bytes pg_size_pretty',
  'the escape of another byte': '~~ !~~',
  'texts in styles that a session asked for': 'cast_in_locale',
  'texts by templates, which are read letter by letter': 'to_timestamp',
  'periods, of which any end may be unknown': 'overlaps',
  'times of day that are texts': 'round_seconds',
  'asked once a statement': 'current_setting set_config pg_get_serial_sequence',
  'sequences, which go on one by one': 'nextval currval lastval setval',
  'ranges of numerics, sets of ranges, and ranges that are written': [
    'int4range int8range numrange daterange tsrange tstzrange int4multirange int8multirange',
    'nummultirange datemultirange tsmultirange tstzmultirange isempty lower_inc upper_inc',
    'lower_inf upper_inf lower upper multirange range_merge @> <@ && << >> &< &> -|- + * -',
  ].join(' '),
  'rows are texts, which are written or read':
    'row record_field record_is_null record_is_not_null row_to_json',
  'of a type, not of rows': 'enum_first enum_last enum_range',
}

/** They look an object of a catalog up, which has few: all of them are call-outs. */
const ofCatalogs: ReadonlySet<ScalarFunction> = new Set([
  ...catalogFunctions,
  ...informationSchemaFunctions,
  ...encodingNames,
])

test('functions without a form in code are listed, with the reason', () => {
  const listed = new Set(Object.values(withoutCode).flatMap((names) => names.split(' ')))
  const slow = builtInFunctions.scalar.all
    .filter((fn) => !ofCatalogs.has(fn))
    .filter(({ inline, literalForm, fill }) => (inline ?? literalForm ?? fill) === undefined)
  const names = new Set(slow.map(({ name }) => name))
  expect([...names].filter((name) => !listed.has(name))).toEqual([])
  expect(
    [...listed].filter((name) => !names.has(name)),
    'has a form now',
  ).toEqual([])
  expect(slow.length, 'overloads without a form, of which there may only be fewer').toBe(116)
})
