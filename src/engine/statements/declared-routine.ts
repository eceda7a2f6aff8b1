import { notSupported, QueryError } from '../../base/errors.ts'
import { declaredRoutineType, typeIn } from '../../plan/binder/routines/types.ts'
import { objectName } from '../../plan/binder/object-name.ts'
import type { Catalog } from '../../plan/catalog/catalog.ts'
import {
  inputsOf,
  outputsOf,
  shownRoutineType,
  type Parameter,
  type RoutineEntry,
  type RoutineType,
} from '../../plan/catalog/routine.ts'
import { routineOfId } from '../../plan/catalog/routines.ts'
import { schemaFor, type SearchPath } from '../../plan/catalog/schemas.ts'
import type { Sight } from '../tables/placement.ts'
import type { CreateFunctionStatement, RoutineOption, RoutineText } from '../../sql/ast/routine.ts'

/** Arguments of a function at most, as in PostgreSQL. */
const ARGUMENTS_MAX = 100

/** What a statement declares, checked as far as it can be without its body. Errors: INVALID_FUNCTION_DEFINITION and others. */
export function declaredRoutine(
  { catalog, searchPath, temporarySchema }: Sight,
  statement: CreateFunctionStatement,
): RoutineEntry {
  const { objectKind, body } = statement
  const name = objectName(statement.name)
  const schema = name.schema === 'pg_temp' ? temporarySchema : schemaFor(catalog, name, searchPath)
  const chosen = optionsChosen(statement)
  const text = bodyText(statement)
  checkLanguage(statement)
  const parameters = statement.parameters.map(({ mode, name: own, type, defaultText }) => ({
    name: own?.text,
    mode,
    type: declaredRoutineType(catalog, searchPath, type),
    defaultText,
  }))
  checkParameters(catalog, parameters)
  const returns = returnedType(catalog, searchPath, statement, parameters)
  checkPolymorphic(parameters, returns)
  return {
    kind: 'function',
    routine: objectKind,
    schema,
    name: name.name,
    id: freshId(catalog),
    parameters,
    returns,
    returnsSet: isSet(statement),
    body: { style: body?.style ?? 'string', text },
    ...chosen,
    dependsOn: [],
    functions: [],
    ...(body !== undefined && { searchPath }),
  }
}

function bodyText({ options, body }: CreateFunctionStatement): string {
  const given = options.find(isText('as'))
  if (given !== undefined && body !== undefined) {
    throw invalid('duplicate function body specified')
  }
  const text = body?.text ?? given?.value
  if (text === undefined) throw invalid('no function body specified')
  return text
}

function isText(kind: RoutineText['kind']) {
  return (option: RoutineOption): option is RoutineText => option.kind === kind
}

/** Languages that PostgreSQL has and Heddle does not. */
const otherLanguages: ReadonlySet<string> = new Set(['plpgsql', 'c', 'internal'])

/** Languages that PostgreSQL has as extensions. */
const extensions: ReadonlySet<string> = new Set([
  'plperl',
  'plperlu',
  'plpython3u',
  'plpythonu',
  'pltcl',
  'pltclu',
])

function checkLanguage({ options, body }: CreateFunctionStatement): void {
  const said = options.find(isText('language'))
  if (said === undefined && body !== undefined) return
  if (said === undefined) throw invalid('no language specified')
  const language = said.value.toLowerCase()
  if (language === 'sql') return
  if (otherLanguages.has(language)) {
    const message = `not supported: functions in language ${language}`
    throw new QueryError('FEATURE_NOT_SUPPORTED', message, {
      span: said.span,
      hint: 'Functions are written in SQL, or registered by the program that Heddle runs in.',
    })
  }
  throw new QueryError('UNDEFINED_OBJECT', `language "${said.value}" does not exist`, {
    ...(extensions.has(language) && {
      hint: 'Use CREATE EXTENSION to load the language into the database.',
    }),
  })
}

function checkParameters(catalog: Catalog, parameters: readonly Parameter[]): void {
  const entry = { parameters }
  const inputs = inputsOf(entry)
  if (inputs.length > ARGUMENTS_MAX) {
    const message = `functions cannot have more than ${ARGUMENTS_MAX} arguments`
    throw new QueryError('TOO_MANY_ARGUMENTS', message)
  }
  let hasDefault = false
  for (const [at, { mode, defaultText, type }] of parameters.entries()) {
    const isInput = mode === 'in' || mode === 'inout' || mode === 'variadic'
    if (mode === 'variadic' && parameters.slice(at + 1).some((next) => inputs.includes(next))) {
      throw invalid('VARIADIC parameter must be the last input parameter')
    }
    if (mode === 'variadic' && !isArray(catalog, type)) {
      throw invalid('VARIADIC parameter must be an array')
    }
    if (defaultText !== undefined && !isInput) {
      throw invalid('only input parameters can have default values')
    }
    if (isInput && (type.kind === 'record' || type.kind === 'void')) {
      throw invalid(`SQL functions cannot have arguments of type ${type.kind}`)
    }
    if (isInput && hasDefault && defaultText === undefined && mode !== 'variadic') {
      throw invalid('input parameters after one with a default value must also have defaults')
    }
    hasDefault ||= isInput && defaultText !== undefined
  }
  refuseRepeated(inputs)
  refuseRepeated(outputsOf(entry))
}

function refuseRepeated(parameters: readonly Parameter[]): void {
  const names = parameters.flatMap(({ name }) => name ?? [])
  const repeated = names.find((name, at) => names.indexOf(name) !== at)
  if (repeated !== undefined) throw invalid(`parameter name "${repeated}" used more than once`)
}

function isArray(catalog: Catalog, type: RoutineType): boolean {
  if (type.kind === 'polymorphic')
    return type.name.endsWith('array') && !type.name.endsWith('nonarray')
  return typeIn(catalog, type)?.kind === 'array'
}

function returnedType(
  catalog: Catalog,
  searchPath: SearchPath,
  { returns, objectKind }: CreateFunctionStatement,
  parameters: readonly Parameter[],
): RoutineType {
  const outputs = outputsOf({ parameters })
  const [only, second] = outputs
  const ofOutputs: RoutineType | undefined = second !== undefined ? { kind: 'record' } : only?.type
  if (objectKind === 'procedure')
    return ofOutputs === undefined ? { kind: 'void' } : { kind: 'record' }
  const said = returns?.type && declaredRoutineType(catalog, searchPath, returns.type)
  if (said === undefined) {
    if (ofOutputs === undefined) throw invalid('function result type must be specified')
    return ofOutputs
  }
  if (ofOutputs !== undefined && shownRoutineType(said) !== shownRoutineType(ofOutputs)) {
    const wanted = shownRoutineType(ofOutputs)
    throw invalid(`function result type must be ${wanted} because of OUT parameters`)
  }
  return said
}

const simpleFamily = [
  'anyelement',
  'anyarray',
  'anynonarray',
  'anyenum',
  'anyrange',
  'anymultirange',
]

const compatibleFamily = [
  'anycompatible',
  'anycompatiblearray',
  'anycompatiblenonarray',
  'anycompatiblerange',
  'anycompatiblemultirange',
]

/** A polymorphic result follows from polymorphic arguments. */
function checkPolymorphic(parameters: readonly Parameter[], returns: RoutineType): void {
  const given = inputsOf({ parameters }).flatMap(({ type }) =>
    type.kind === 'polymorphic' ? [type.name] : [],
  )
  for (const type of [returns, ...outputsOf({ parameters }).map((output) => output.type)]) {
    if (type.kind !== 'polymorphic') continue
    const { name } = type
    const family = compatibleFamily.includes(name) ? compatibleFamily : simpleFamily
    const needed = name.endsWith('range') ? family.filter((one) => one.endsWith('range')) : family
    if (given.some((one) => needed.includes(one))) continue
    const list = `${needed.slice(0, -1).join(', ')}${needed.length > 2 ? ',' : ''} or ${needed.at(-1)}`
    throw invalid(
      'cannot determine result data type',
      `A result of type ${name} requires at least one input of type ${list}.`,
    )
  }
}

type Chosen = Pick<
  RoutineEntry,
  'volatility' | 'strict' | 'leakproof' | 'securityDefiner' | 'parallel' | 'cost' | 'rows'
>

const COST = 100
const ROWS = 1_000

function isSet({ returns }: CreateFunctionStatement): boolean {
  return returns?.isSet === true
}

function optionsChosen(statement: CreateFunctionStatement): Chosen {
  const { options } = statement
  const returnsSet = isSet(statement)
  const initial: Chosen = {
    volatility: 'volatile',
    strict: false,
    leakproof: false,
    securityDefiner: false,
    parallel: 'unsafe',
    cost: COST,
    rows: returnsSet ? ROWS : 0,
  }
  return { ...initial, ...optionsSaid(options, returnsSet) }
}

/** What options say, in CREATE and ALTER. Errors: INVALID_PARAMETER_VALUE, SYNTAX_ERROR, FEATURE_NOT_SUPPORTED. */
export function optionsSaid(
  options: readonly RoutineOption[],
  returnsSet: boolean,
): Partial<Chosen> {
  refuseSaidTwice(options)
  return options.reduce<Partial<Chosen>>(
    (said, option) => ({ ...said, ...optionSaid(option, returnsSet) }),
    {},
  )
}

function refuseSaidTwice(options: readonly RoutineOption[]): void {
  const kinds = options.map(({ kind }) => kind)
  const again = options.find(({ kind }, at) => kinds.indexOf(kind) !== at)
  if (again === undefined) return
  throw new QueryError('SYNTAX_ERROR', 'conflicting or redundant options', { span: again.span })
}

function optionSaid(option: RoutineOption, returnsSet: boolean): Partial<Chosen> {
  switch (option.kind) {
    case 'volatility':
      return { volatility: option.value as Chosen['volatility'] }
    case 'strict':
      return { strict: option.value === 'strict' }
    case 'leakproof':
      return { leakproof: option.value === 'leakproof' }
    case 'security':
      return { securityDefiner: option.value === 'definer' }
    case 'parallel': {
      const { value } = option
      if (value === 'safe' || value === 'restricted' || value === 'unsafe')
        return { parallel: value }
      const message = 'parameter "parallel" must be SAFE, RESTRICTED, or UNSAFE'
      throw new QueryError('SYNTAX_ERROR', message)
    }
    case 'cost':
      if (option.value > 0) return { cost: option.value }
      throw new QueryError('INVALID_PARAMETER_VALUE', 'COST must be positive')
    case 'rows': {
      if (option.value <= 0) {
        throw new QueryError('INVALID_PARAMETER_VALUE', 'ROWS must be positive')
      }
      if (returnsSet) return { rows: option.value }
      const message = 'ROWS is not applicable when function does not return a set'
      throw new QueryError('INVALID_PARAMETER_VALUE', message)
    }
    case 'window':
      throw notSupported('window functions of users', option.span)
    case 'as':
    case 'language':
      return {}
  }
}

/** pg_proc.oid of the first function that PostgreSQL lets a database make. */
const FIRST_ID = 16_384
const IDS = 2 ** 30

/** An id that no function of any transaction has, as good as surely. */
export function freshId(catalog: Catalog): number {
  for (;;) {
    const [word = 0] = globalThis.crypto.getRandomValues(new Uint32Array(1))
    const id = FIRST_ID + (word % IDS)
    if (routineOfId(catalog, id) === undefined) return id
  }
}

export function invalid(message: string, detail?: string): QueryError {
  return new QueryError('INVALID_FUNCTION_DEFINITION', message, { ...(detail && { detail }) })
}
