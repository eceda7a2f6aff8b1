import { QueryError } from '../../base/errors.ts'
import { jsonb } from '../../data/types/data-type.ts'
import { jsonValueOf, type JsonValue } from '../../data/types/json-value.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { aliases, scalar } from '../define.ts'
import type { ScalarFunction } from '../function.ts'
import type { Change } from './changes.ts'
import { changed, jsonFunctions, pathIsTexts } from './functions.ts'

/** Names that PostgreSQL has for operators of jsonb, and an example of each. */
const names = [
  { name: 'jsonb_contains', operator: '@>', example: `('{"a":1}', '{}') -- t` },
  { name: 'jsonb_contained', operator: '<@', example: `('{}', '{"a":1}') -- t` },
  { name: 'jsonb_exists', operator: '?', example: `('{"a":1}', 'a') -- t` },
  { name: 'jsonb_exists_any', operator: '?|', example: `('{"a":1}', '{a,b}') -- t` },
  { name: 'jsonb_exists_all', operator: '?&', example: `('{"a":1}', '{a,b}') -- f` },
  { name: 'jsonb_concat', operator: '||', example: `('[1]', '[2]') -- [1, 2]` },
  { name: 'jsonb_delete_path', operator: '#-', example: `('{"a":[1,2]}', '{a,0}') -- {"a": [2]}` },
] as const

/** What is taken away, by the type of the argument that says it. */
const deletions = [
  { kind: 'text', example: `jsonb_delete('{"a":1}', 'a'::text) -- {}` },
  { kind: 'array', example: `jsonb_delete('{"a":1}', '{a}'::text[]) -- {}` },
  { kind: 'int4', example: `jsonb_delete('[1,2]', 0) -- [2]` },
] as const

const ofJsonb = jsonFunctions.filter(({ args: [first] }) => first === 'jsonb')

/** As functions they may be called with a literal in front, which is a jsonb. */
function operators(symbol: string): readonly ScalarFunction[] {
  return ofJsonb
    .filter(({ name }) => name === symbol)
    .map(({ settle, ...entry }) =>
      settle === undefined
        ? entry
        : {
            ...entry,
            settle: (types) => settle(types.map((type, at) => (at === 0 ? jsonb : type))),
          },
    )
}

const TREATMENTS =
  'null_value_treatment must be "delete_key", "return_target", "use_json_null", or "raise_exception"'

/** jsonb_set that says what becomes of NULL. */
function setLaxly(args: readonly Scalar[]): string | null {
  const [target = null, path = null, value = null, creates = true] = args
  const treatment = args.length < 5 ? 'use_json_null' : (args[4] ?? null)
  if (target === null || path === null || creates === null) return null
  const invalid = (): QueryError => new QueryError('INVALID_PARAMETER_VALUE', TREATMENTS)
  if (treatment === null) throw invalid()
  const set = (to: JsonValue): Change => ({ kind: 'set', value: to, creates: creates === true })
  if (value !== null) return changed(target, path, set(jsonValueOf(String(value))))
  switch (String(treatment)) {
    case 'raise_exception':
      throw new QueryError('NULL_VALUE_NOT_ALLOWED', 'JSON value must not be null', {
        detail: 'Exception was raised because null_value_treatment is "raise_exception".',
        hint: 'To avoid, either change the null_value_treatment argument or ensure that an SQL NULL is not passed.',
      })
    case 'use_json_null':
      return changed(target, path, set(null))
    case 'delete_key':
      return changed(target, path, { kind: 'delete' })
    case 'return_target':
      return String(target)
    default:
      throw invalid()
  }
}

const setLax = ([3, 4, 5] as const).map((count) => {
  const more = ['', ', false', ", true, 'delete_key'"][count - 3] ?? ''
  const result = ['{"a": null}', '{"a": null}', '{}'][count - 3] ?? ''
  return scalar({
    name: 'jsonb_set_lax',
    args: (['jsonb', 'array', 'jsonb', 'bool', 'text'] as const).slice(0, count),
    settle: pathIsTexts,
    returns: jsonb,
    nulls: 'called',
    raises: true,
    doc:
      count < 5
        ? 'Like jsonb_set; NULL becomes a null of JSON.'
        : 'The same; the last argument says what becomes of NULL.',
    example: `jsonb_set_lax('{"a":1}', '{a}', null${more}) -- ${result}`,
    evaluate: setLaxly,
  })
})

export const jsonOtherNames: readonly ScalarFunction[] = [
  ...names.flatMap(({ name, operator, example }) =>
    aliases(operators(operator), name).map((entry) => ({ ...entry, example: name + example })),
  ),
  ...deletions.flatMap(({ kind, example }) =>
    aliases(
      operators('-').filter(({ args: [, by] }) => by === kind),
      'jsonb_delete',
    ).map((entry) => ({ ...entry, example })),
  ),
  ...setLax,
]
