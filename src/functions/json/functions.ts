import { readArrayText } from '../../data/types/array-text.ts'
import {
  arrayOf,
  bool,
  int4,
  json,
  jsonb,
  text,
  type DataType,
} from '../../data/types/data-type.ts'
import {
  isJsonArray,
  isJsonObject,
  jsonbText,
  jsonValueOf,
  quotedJson,
  type JsonValue,
} from '../../data/types/json-value.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { present } from '../../base/assert.ts'
import { QueryError } from '../../base/errors.ts'
import type { InlineForm } from '../inline.ts'
import { knownTypes } from '../array-elements.ts'
import { scalar } from '../define.ts'
import type { ScalarFunction } from '../function.ts'
import { checkBytes } from '../text/bounds.ts'
import { arrayOverLines, builtArray, builtObject, jsonOf, normalizedJson } from './build.ts'
import {
  changedAt,
  contains,
  hasName,
  joined,
  withoutItem,
  withoutNames,
  withoutNulls,
  type Change,
} from './changes.ts'
import { changing, prettyForm, rewriting } from './change-forms.ts'
import {
  builtForm,
  building,
  containedForm,
  containsForm,
  hasForm,
  hasTextsForm,
  lengthForms,
  lookUpForm,
  takesSteps,
  typeForms,
  writesJson,
} from './inline.ts'
import { documentOf, followed, itemOf, jsonText, memberOf, plainText, type Found } from './paths.ts'

const kinds = ['json', 'jsonb'] as const
type Kind = (typeof kinds)[number]
const typeOf: Readonly<Record<Kind, DataType>> = { json, jsonb }

const textArray = arrayOf({ kind: 'text' })

/** Arguments whose last one is an array of text. */
function lastIsTexts(types: readonly DataType[]): readonly DataType[] | undefined {
  const last = types.at(-1)
  const fits = last?.kind === 'unknown' || (last?.kind === 'array' && last.element.kind === 'text')
  return fits ? [...types.slice(0, -1), textArray] : undefined
}

function valueOf(value: Scalar): JsonValue {
  return jsonValueOf(String(value))
}

function written(value: JsonValue): string {
  const result = jsonbText(value)
  checkBytes(result.length)
  return result
}

function textsOf(array: Scalar): readonly (string | null)[] {
  return readArrayText(String(array)).elements
}

/** Texts of one dimension. Throws ARRAY_SUBSCRIPT_ERROR. */
function stepsOf(array: Scalar): readonly (string | null)[] {
  const { dimensions, elements } = readArrayText(String(array))
  if (dimensions.length > 1) {
    throw new QueryError('ARRAY_SUBSCRIPT_ERROR', 'wrong number of array subscripts')
  }
  return elements
}

/** The two forms of a look-up: as JSON, and as text. */
function lookUps(
  kind: Kind,
  names: readonly [asJson: string, asText: string],
  entry: Pick<ScalarFunction, 'args' | 'doc'> &
    Partial<Pick<ScalarFunction, 'variadic' | 'settle'>>,
  examples: readonly [string, string],
  way: Parameters<typeof lookUpForm>[1],
  find: (document: Found, args: readonly Scalar[]) => Found | undefined,
): readonly ScalarFunction[] {
  return names.map((name, at) => {
    const shown = at === 0 ? jsonText : plainText
    return scalar({
      ...entry,
      name,
      returns: at === 0 ? typeOf[kind] : text,
      raises: true,
      doc: at === 0 ? entry.doc : `${entry.doc} As text.`,
      example: examples[at] ?? '',
      evaluate([source = null, ...args]) {
        const found = find(documentOf(String(source)), args)
        return found === undefined ? null : shown(found)
      },
      inline: lookUpForm(kind, way, at === 0 ? 'json' : 'text'),
      ...(way === 'steps' && { inlineFor: takesSteps }),
      isDear: true,
    })
  })
}

/** To jsonb a scalar is an array of itself. */
function itemOfJsonb(document: Found, index: number): Found | undefined {
  const { kind } = document.node
  if (kind === 'array' || kind === 'object') return itemOf(document, index)
  return index === 0 || index === -1 ? document : undefined
}

const access: readonly ScalarFunction[] = kinds.flatMap((kind) => [
  ...lookUps(
    kind,
    ['->', '->>'],
    { args: [kind, 'text'], doc: 'The member of an object.' },
    [`'{"a":"x"}'::${kind} -> 'a' -- "x"`, `'{"a":"x"}'::${kind} ->> 'a' -- x`],
    'member',
    (document, [name]) => memberOf(document, String(name)),
  ),
  ...lookUps(
    kind,
    ['->', '->>'],
    { args: [kind, 'int4'], doc: 'The item of an array, from 0 on; below 0 from its end.' },
    [`'[1,2]'::${kind} -> 0 -- 1`, `'[1,2]'::${kind} ->> -1 -- 2`],
    'item',
    (document, [index]) =>
      kind === 'jsonb' ? itemOfJsonb(document, Number(index)) : itemOf(document, Number(index)),
  ),
  ...lookUps(
    kind,
    ['#>', '#>>'],
    { args: [kind, 'array'], settle: lastIsTexts, doc: 'What a path leads to.' },
    [`'{"a":[1]}'::${kind} #> '{a,0}' -- 1`, `'{"a":["x"]}'::${kind} #>> '{a,0}' -- x`],
    'path',
    (document, [path = null]) => followed(document, textsOf(path)),
  ),
  ...lookUps(
    kind,
    [`${kind}_extract_path`, `${kind}_extract_path_text`],
    { args: [kind, 'text'], variadic: true, doc: 'What a path leads to, step by step.' },
    [
      `${kind}_extract_path('{"a":[1]}', 'a', '0') -- 1`,
      `${kind}_extract_path_text('{"a":["x"]}', 'a', '0') -- x`,
    ],
    'steps',
    (document, path) => followed(document, path.map(String)),
  ),
])

const inspection: readonly ScalarFunction[] = kinds.flatMap((kind) => [
  scalar({
    name: `${kind}_typeof`,
    args: [kind],
    returns: text,
    doc: 'object, array, string, number, boolean or null.',
    example: `${kind}_typeof('[1]') -- array`,
    evaluate([source = null]) {
      const found = documentOf(String(source)).node.kind
      return found === 'true' || found === 'false' ? 'boolean' : found
    },
    inline: typeForms[kind],
  }),
  scalar({
    name: `${kind}_array_length`,
    args: [kind],
    returns: int4,
    raises: true,
    doc: 'The number of items of an array.',
    example: `${kind}_array_length('[1,2]') -- 2`,
    evaluate([source = null]) {
      const { node } = documentOf(String(source))
      if (node.kind === 'array') return node.items.length
      const isScalar = node.kind !== 'object'
      const what = isScalar ? 'a scalar' : 'a non-array'
      throw new QueryError('INVALID_PARAMETER_VALUE', `cannot get array length of ${what}`)
    },
    inline: lengthForms[kind],
    isDear: true,
  }),
])

const constructors: readonly ScalarFunction[] = kinds.flatMap((kind) => {
  const isBinary = kind === 'jsonb'
  const returns = typeOf[kind]
  const built = (spaced: string, plain: string): string => (isBinary ? spaced : plain)
  return [
    scalar({
      name: isBinary ? 'to_jsonb' : 'to_json',
      args: ['any'],
      settle: knownTypes,
      returns,
      raises: true,
      doc: 'A value as JSON.',
      example: `${isBinary ? 'to_jsonb' : 'to_json'}('a'::text) -- "a"`,
      evaluate([value = null], [type = text]) {
        const result = jsonOf(value, type)
        checkBytes(result.length)
        return isBinary ? normalizedJson(result) : result
      },
      ...building(kind, 'value'),
    }),
    ...([0, 1] as const).map((fewest) =>
      scalar({
        name: `${kind}_build_array`,
        args: fewest === 0 ? [] : ['any'],
        variadic: fewest === 1,
        returns,
        nulls: 'called' as const,
        raises: true,
        doc: 'An array of the values.',
        example:
          fewest === 0
            ? `${kind}_build_array() -- []`
            : `${kind}_build_array(1, NULL) -- [1, null]`,
        evaluate: (values, types) => builtArray(values, types, isBinary),
        ...building(kind, 'list'),
      }),
    ),
    ...([0, 1] as const).map((fewest) =>
      scalar({
        name: `${kind}_build_object`,
        args: fewest === 0 ? [] : ['any'],
        variadic: fewest === 1,
        returns,
        nulls: 'called' as const,
        raises: true,
        doc: 'An object of names and values, one after the other.',
        example:
          fewest === 0
            ? `${kind}_build_object() -- {}`
            : `${kind}_build_object('a', 1) -- ${built('{"a": 1}', '{"a" : 1}')}`,
        evaluate: (values, types) => builtObject(values, types, isBinary),
        ...building(kind, 'object'),
      }),
    ),
  ]
})

const arrays: readonly ScalarFunction[] = [
  scalar({
    name: 'array_to_json',
    args: ['array'],
    returns: json,
    raises: true,
    doc: 'An array as JSON.',
    example: "array_to_json('{1,2}'::int[]) -- [1,2]",
    evaluate([value = null], [type = text]) {
      const result = jsonOf(value, type)
      checkBytes(result.length)
      return result
    },
    ...building('json', 'value'),
  }),
  scalar({
    name: 'array_to_json',
    writesArguments: 'json',
    args: ['array', 'bool'],
    returns: json,
    raises: true,
    doc: 'The same; with true the items are on lines of their own.',
    example: "array_to_json('{1}'::int[], true) -- [1]",
    literalForm: ([, isOverLines], types) =>
      isOverLines === false && writesJson(types.slice(0, 1)) ? arrayAlone : undefined,
    evaluate([value = null, isOverLines], [type = text]) {
      const result = isOverLines === true ? arrayOverLines(value, type) : jsonOf(value, type)
      checkBytes(result.length)
      return result
    },
  }),
]

const arrayAlone: InlineForm = (ctx, [array], result) =>
  builtForm('json', 'value')(ctx, [present(array, 'missing array')], result)

const containment: readonly ScalarFunction[] = [
  scalar({
    name: '@>',
    args: ['jsonb', 'jsonb'],
    returns: bool,
    raises: true,
    doc: 'Whether the left value says all that the right one says.',
    example: `'{"a":1,"b":2}'::jsonb @> '{"a":1}' -- t`,
    evaluate: ([left = null, right = null]) => contains(valueOf(left), valueOf(right)),
    inline: containsForm,
    isDear: true,
  }),
  scalar({
    name: '<@',
    args: ['jsonb', 'jsonb'],
    returns: bool,
    raises: true,
    doc: 'Whether the right value says all that the left one says.',
    example: `'{"a":1}'::jsonb <@ '{"a":1,"b":2}' -- t`,
    evaluate: ([left = null, right = null]) => contains(valueOf(right), valueOf(left)),
    inline: containedForm,
    isDear: true,
  }),
  scalar({
    name: '?',
    args: ['jsonb', 'text'],
    returns: bool,
    raises: true,
    doc: 'Whether the text is the name of a member, or a string among the items.',
    example: `'{"a":1}'::jsonb ? 'a' -- t`,
    evaluate: ([value = null, name = null]) => hasName(valueOf(value), String(name)),
    inline: hasForm,
  }),
  ...(['?|', '?&'] as const).map((name) =>
    scalar({
      name,
      args: ['jsonb', 'array'],
      settle: lastIsTexts,
      returns: bool,
      raises: true,
      doc: `Whether ${name === '?|' ? 'one' : 'each'} of the texts is the name of a member, or a string among the items.`,
      example: `'{"a":1}'::jsonb ${name} '{a,b}' -- ${name === '?|' ? 't' : 'f'}`,
      evaluate([value = null, names = null]) {
        const document = valueOf(value)
        const wanted = textsOf(names).filter((one) => one !== null)
        const isThere = (one: string): boolean => hasName(document, one)
        return name === '?|' ? wanted.some(isThere) : wanted.every(isThere)
      },
      inline: hasTextsForm(name === '?&'),
      isDear: true,
    }),
  ),
]

/** A value changed where a path leads. */
export function changed(value: Scalar, path: Scalar, change: Change): string {
  return written(changedAt(valueOf(value), stepsOf(path), change))
}

/** A path is the second argument. */
export function pathIsTexts(types: readonly DataType[]): readonly DataType[] | undefined {
  const path = types[1]
  const fits = path?.kind === 'unknown' || (path?.kind === 'array' && path.element.kind === 'text')
  const rest = [jsonb, textArray, jsonb, bool]
  return fits ? types.map((_, at) => rest[at] ?? text) : undefined
}

const changes: readonly ScalarFunction[] = [
  scalar({
    name: '||',
    args: ['jsonb', 'jsonb'],
    returns: jsonb,
    raises: true,
    doc: 'Two objects as one, or the items of two arrays.',
    example: `'{"a":1}'::jsonb || '{"b":2}' -- {"a": 1, "b": 2}`,
    evaluate: ([left = null, right = null]) => written(joined(valueOf(left), valueOf(right))),
    ...rewriting('jsonbJoin'),
  }),
  scalar({
    name: '-',
    args: ['jsonb', 'text'],
    returns: jsonb,
    raises: true,
    doc: 'The object without a member, the array without such strings.',
    example: `'{"a":1,"b":2}'::jsonb - 'a' -- {"b": 2}`,
    evaluate: ([value = null, name = null]) =>
      written(withoutNames(valueOf(value), [String(name)])),
    ...rewriting('jsonbWithout'),
  }),
  scalar({
    name: '-',
    args: ['jsonb', 'array'],
    settle: lastIsTexts,
    returns: jsonb,
    raises: true,
    doc: 'The object without several members.',
    example: `'{"a":1,"b":2}'::jsonb - '{a,b}'::text[] -- {}`,
    evaluate: ([value = null, names = null]) =>
      written(withoutNames(valueOf(value), stepsOf(names))),
    ...rewriting('jsonbWithoutAny'),
  }),
  scalar({
    name: '-',
    args: ['jsonb', 'int4'],
    returns: jsonb,
    raises: true,
    doc: 'The array without an item, from 0 on; below 0 from its end.',
    example: "'[1,2]'::jsonb - 0 -- [2]",
    evaluate: ([value = null, index = null]) => written(withoutItem(valueOf(value), Number(index))),
    ...rewriting('jsonbWithoutItem'),
  }),
  scalar({
    name: '#-',
    args: ['jsonb', 'array'],
    settle: lastIsTexts,
    returns: jsonb,
    raises: true,
    doc: 'The value without what a path leads to.',
    example: `'{"a":[1,2]}'::jsonb #- '{a,0}' -- {"a": [2]}`,
    evaluate: ([value = null, path = null]) => changed(value, path, { kind: 'delete' }),
    ...changing('delete'),
  }),
  ...([3, 4] as const).map((count) =>
    scalar({
      name: 'jsonb_set',
      args: (['jsonb', 'array', 'jsonb', 'bool'] as const).slice(0, count),
      settle: pathIsTexts,
      returns: jsonb,
      raises: true,
      doc:
        count === 3
          ? 'The value with another one where a path leads; a member that was not there is added.'
          : 'The same; with false nothing is added.',
      example: `jsonb_set('{"a":1}', '{a}', '2'${count === 3 ? '' : ', false'}) -- {"a": 2}`,
      evaluate: ([value = null, path = null, other = null, creates = true]) =>
        changed(value, path, { kind: 'set', value: valueOf(other), creates: creates === true }),
      ...changing('set', true),
    }),
  ),
  ...([3, 4] as const).map((count) =>
    scalar({
      name: 'jsonb_insert',
      args: (['jsonb', 'array', 'jsonb', 'bool'] as const).slice(0, count),
      settle: pathIsTexts,
      returns: jsonb,
      raises: true,
      doc:
        count === 3
          ? 'The value with another one before where a path leads.'
          : 'The same; with true behind it.',
      example:
        count === 3
          ? "jsonb_insert('[1]', '{0}', '0') -- [0, 1]"
          : "jsonb_insert('[1]', '{0}', '2', true) -- [1, 2]",
      evaluate: ([value = null, path = null, other = null, isAfter = false]) =>
        changed(value, path, { kind: 'insert', value: valueOf(other), isAfter: isAfter === true }),
      ...changing('insert'),
    }),
  ),
  scalar({
    name: 'jsonb_strip_nulls',
    args: ['jsonb'],
    returns: jsonb,
    raises: true,
    doc: 'The value without members that are null.',
    example: `jsonb_strip_nulls('{"a":null,"b":1}') -- {"b": 1}`,
    evaluate: ([value = null]) => written(withoutNulls(valueOf(value))),
    ...rewriting('jsonbStripNulls'),
  }),
  scalar({
    name: 'jsonb_pretty',
    args: ['jsonb'],
    returns: text,
    raises: true,
    doc: 'The value over several lines, four blanks deeper in each array and object.',
    example: "jsonb_pretty('1') -- 1",
    evaluate([value = null]) {
      const result = pretty(valueOf(value), '')
      checkBytes(result.length)
      return result
    },
    ...prettyForm,
  }),
]

function pretty(value: JsonValue, indent: string): string {
  const deeper = `${indent}    `
  if (isJsonArray(value)) {
    const items = value.map((item) => `${deeper}${pretty(item, deeper)}`)
    return items.length === 0 ? `[\n${indent}]` : `[\n${items.join(',\n')}\n${indent}]`
  }
  if (isJsonObject(value)) {
    const members = [...value.members].map(
      ([name, item]) => `${deeper}${quotedJson(name)}: ${pretty(item, deeper)}`,
    )
    return members.length === 0 ? `{\n${indent}}` : `{\n${members.join(',\n')}\n${indent}}`
  }
  return jsonbText(value)
}

export const jsonFunctions: readonly ScalarFunction[] = [
  ...access,
  ...inspection,
  ...constructors,
  ...arrays,
  ...containment,
  ...changes,
]
