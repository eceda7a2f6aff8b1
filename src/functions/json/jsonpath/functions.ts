import { bool, jsonb } from '../../../data/types/data-type.ts'
import { jsonbText, jsonValueOf, objectOf, type JsonValue } from '../../../data/types/json-value.ts'
import { readJsonPath } from '../../../data/types/jsonpath/reader.ts'
import type { JsonPath } from '../../../data/types/jsonpath/tree.ts'
import type { Scalar } from '../../../data/types/scalar.ts'
import { QueryError } from '../../../base/errors.ts'
import { aliases, scalar, tableFunction } from '../../define.ts'
import type { ScalarFunction, TableFunction } from '../../function.ts'
import { checkBytes } from '../../text/bounds.ts'
import { arrayForm, existsForm, firstForm, matchForm } from './forms.ts'
import { resultOf, type PathValue } from './items.ts'
import { PathRun, variablesOf, type PathOptions } from './run.ts'
import { stepRunners } from './steps.ts'

/** Paths that are kept as they were read: mostly one is asked of all rows. */
const PATHS_MAX = 64
const paths = new Map<string, JsonPath>()

function pathOf(source: Scalar): JsonPath {
  const text = String(source)
  const known = paths.get(text)
  if (known !== undefined) return known
  const path = readJsonPath(text)
  if (paths.size >= PATHS_MAX) paths.clear()
  paths.set(text, path)
  return path
}

const noVariables = objectOf([])

/** A run over arguments: document, path, variables, whether errors are kept silent. */
function runOf(args: readonly Scalar[], options?: Partial<PathOptions>): PathRun {
  const [document = null, path = null, variables = null, isSilent = false] = args
  return new PathRun(stepRunners, pathOf(path), jsonValueOf(String(document)), {
    isSilent: isSilent === true,
    usesZone: false,
    variables: variables === null ? noVariables : variablesOf(jsonValueOf(String(variables))),
    ...options,
  })
}

function written(value: JsonValue): string {
  const text = jsonbText(value)
  checkBytes(text.length)
  return text
}

function exists(run: PathRun): boolean | null {
  const outcome = run.start(undefined)
  return outcome === 'failed' ? null : outcome === 'found'
}

function valuesOf(run: PathRun): readonly PathValue[] {
  const values: PathValue[] = []
  run.start(values)
  return values
}

function matches(run: PathRun): boolean | null {
  const values = valuesOf(run)
  const [only] = values
  if (values.length === 1 && (only === null || typeof only === 'boolean')) return only
  if (run.options.isSilent) return null
  throw new QueryError('SINGLETON_JSON_ITEM_REQUIRED', 'single boolean result is expected')
}

function firstOf(run: PathRun): string | null {
  const [first] = valuesOf(run)
  return first === undefined ? null : written(resultOf(first))
}

const sample = `'{"a": [1, 2]}'`

const kinds = [
  {
    name: 'jsonb_path_exists',
    returns: bool,
    doc: 'Whether a path leads to something.',
    path: '$.a[*] ? (@ > 1)',
    result: 't',
    of: exists,
    form: existsForm,
  },
  {
    name: 'jsonb_path_match',
    returns: bool,
    doc: 'What a condition of a path says.',
    path: 'exists($.a[*] ? (@ > 1))',
    result: 't',
    of: matches,
    form: matchForm,
  },
  {
    name: 'jsonb_path_query_array',
    returns: jsonb,
    doc: 'What a path leads to, as an array.',
    path: '$.a[*]',
    result: '[1, 2]',
    of: (run: PathRun) => written(valuesOf(run).map(resultOf)),
    form: arrayForm,
  },
  {
    name: 'jsonb_path_query_first',
    returns: jsonb,
    doc: 'The first that a path leads to.',
    path: '$.a[*]',
    result: '1',
    of: firstOf,
    form: firstForm,
  },
] as const

const argKinds = ['jsonb', 'jsonpath', 'jsonb', 'bool'] as const
const more = ['', `, '{"x": 1}'`, `, '{"x": 1}', true`] as const
const counts = [2, 3, 4] as const
const ends = ['', '_tz'] as const

function describedFor(count: number, usesZone: boolean): string {
  const parts = [
    count > 2 ? ' With variables.' : '',
    count > 3 ? ' With true errors are none.' : '',
    usesZone ? " Moments with and without a zone are compared by the session's zone." : '',
  ]
  return parts.join('')
}

const plain: readonly ScalarFunction[] = kinds.flatMap(
  ({ name, returns, doc, path, result, of, form }) =>
    ends.flatMap((end) =>
      counts.map((count) => {
        const usesZone = end === '_tz'
        return scalar({
          name: name + end,
          args: argKinds.slice(0, count),
          returns,
          raises: true,
          volatility: usesZone ? 'stable' : 'immutable',
          doc: doc + describedFor(count, usesZone),
          example: `${name}${end}(${sample}, '${path}'${more[count - 2] ?? ''}) -- ${result}`,
          evaluate: (args) => of(runOf(args, { usesZone })),
          literalForm: form,
          isDear: true,
        })
      }),
    ),
)

/** Operators are given no variables. */
const ofOperators = { isSilent: true, variables: undefined }

const operators: readonly ScalarFunction[] = [
  scalar({
    name: '@?',
    args: ['jsonb', 'jsonpath'],
    returns: bool,
    nullResult: 'any',
    doc: 'Whether a path leads to something; errors of it are NULL.',
    example: `'{"a":[1,2]}'::jsonb @? '$.a[*] ? (@ > 1)' -- t`,
    evaluate: (args) => exists(runOf(args, ofOperators)),
    literalForm: existsForm,
    isDear: true,
  }),
  scalar({
    name: '@@',
    args: ['jsonb', 'jsonpath'],
    returns: bool,
    nullResult: 'any',
    doc: 'What a condition of a path says; NULL where it is none.',
    example: `'{"a":[1,2]}'::jsonb @@ '$.a[*] > 1' -- t`,
    evaluate: (args) => matches(runOf(args, ofOperators)),
    literalForm: matchForm,
    isDear: true,
  }),
]

function named(name: string, operator: string, example: string): readonly ScalarFunction[] {
  const entries = operators.filter((entry) => entry.name === operator)
  return aliases(entries, name).map((entry) => ({ ...entry, example }))
}

/** Functions and operators of paths. */
export const jsonPathFunctions: readonly ScalarFunction[] = [
  ...plain,
  ...operators,
  ...named('jsonb_path_exists_opr', '@?', `jsonb_path_exists_opr(${sample}, '$.a') -- t`),
  ...named('jsonb_path_match_opr', '@@', `jsonb_path_match_opr(${sample}, '$.a == 1') -- t`),
]

/** Values that a path leads to, where nothing is known of it. */
const VALUES_UNKNOWN = 10

export const jsonPathRows: readonly TableFunction[] = ends.flatMap((end) =>
  counts.map((count) =>
    tableFunction({
      name: `jsonb_path_query${end}`,
      args: argKinds.slice(0, count),
      returns: jsonb,
      doc: `What a path leads to.${describedFor(count, end === '_tz')}`,
      example: `jsonb_path_query${end}(${sample}, '$.a[*]'${more[count - 2] ?? ''}) -- 1, 2`,
      rows: (args) =>
        valuesOf(runOf(args, { usesZone: end === '_tz' })).map((value) => written(resultOf(value))),
      rowsOf: () => VALUES_UNKNOWN,
    }),
  ),
)
