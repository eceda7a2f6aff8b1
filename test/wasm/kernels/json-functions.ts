import { present } from '../../../src/base/assert.ts'
import type { Random } from '../../../src/base/world.ts'
import {
  bool,
  json,
  jsonb,
  arrayOf,
  plainType,
  text,
  type DataType,
  type PlainKind,
} from '../../../src/data/types/data-type.ts'
import { readJsonPath } from '../../../src/data/types/jsonpath/reader.ts'
import { parseScalar } from '../../../src/data/types/parse-scalar.ts'
import type { Scalar } from '../../../src/data/types/scalar.ts'
import { imageOfCondition, imageOfPath } from '../../../src/functions/json/jsonpath/image.ts'
import { valueKindOf, valueKinds } from '../../../src/wasm/kernels/value-kinds.ts'
import { scalarEntry } from '../../functions/entries.ts'
import { attempt, cellOf, viewOf } from '../values/cells.ts'
import {
  arrayText,
  documentOf,
  exact,
  names,
  runTrials,
  shownAs,
  textArray,
  wantedAs,
  type Round,
} from '../values/json-values.ts'
import {
  below,
  call,
  conformance,
  heap,
  pick,
  place,
  placeText,
  space,
  textAt,
  zeros,
} from './bench.ts'

const ROOM = 65_536
const ELSEWHERE = -1n

type By = 'Member' | 'Item' | 'Path' | 'Steps'

/** A look-up by a name, a number or a path. */
function lookUp(type: DataType, by: By): (random: Random) => Round {
  const { kind } = type
  const ids = {
    Member: [`->(${kind},text)`, `->>(${kind},text)`],
    Item: [`->(${kind},int4)`, `->>(${kind},int4)`],
    Path: [`#>(${kind},array)`, `#>>(${kind},array)`],
    Steps: [
      `${kind}_extract_path(${kind},text,...)`,
      `${kind}_extract_path_text(${kind},text,...)`,
    ],
  }[by]
  return (random) => {
    const source = documentOf(random, type)
    const asText = below(random, 2)
    const step = (): string => pick(random, [...names, '1', '+1', '-2', ' 1', '1x'])
    const steps = Array.from({ length: 1 + below(random, 3) }, step)
    const path = arrayText(
      steps.map((one) => (below(random, 9) === 0 ? null : one)).slice(below(random, 2)),
    )
    const [value, lanes]: readonly [readonly Scalar[], readonly (number | bigint)[]] =
      by === 'Member'
        ? [[steps[0]!], [placeText(steps[0]!)]]
        : by === 'Item'
          ? [[below(random, 6) - 3].flatMap((at) => [at, at]).slice(1), []]
          : by === 'Path'
            ? [[path], [viewOf(path, textArray)]]
            : [steps, [placeViews(steps), steps.length]]
    const given = by === 'Item' ? [Number(value[0])] : lanes
    const more = kind === 'jsonb' ? [space(ROOM)] : []
    const found = exact(`${kind}${by}`, viewOf(source, type), ...given, asText, ...more)
    const result = asText === 1 ? text : type
    const expected = attempt(() =>
      scalarEntry(ids[asText]!).evaluate([source, ...value], [type], result),
    )
    return {
      found: shownAs(found, result),
      expected: expected === 'error' ? expected : wantedAs(expected, result),
      shown: [ids[asText], source, value],
    }
  }
}

function placeViews(texts: readonly string[]): number {
  const at = zeros(8 * texts.length)
  texts.forEach((one, index) => heap.view.setBigInt64(at + 8 * index, placeText(one), true))
  return at
}

function inspection(type: DataType): (random: Random) => Round {
  return (random) => {
    const source = documentOf(random, type)
    const view = viewOf(source, type)
    const length = call(`${type.kind}Length`, view)
    const ask = (name: string): Scalar | 'error' =>
      attempt(() =>
        scalarEntry(`${type.kind}_${name}(${type.kind})`).evaluate([source], [type], text),
      )
    return {
      found: [textAt(exact(`${type.kind}Type`, view)), length === -1 ? 'error' : length],
      expected: [ask('typeof'), ask('array_length')],
      shown: source,
    }
  }
}

type Kinds = readonly (readonly [PlainKind, readonly string[]])[]
const made: Kinds = [
  ['int4', ['1', '-20']],
  ['numeric', ['1.50', '0.00', '123456789012345678901234567890']],
  ['float8', ['0', '-0', '1.5', 'NaN', '1e300']],
  ['bool', ['t', 'f']],
  ['text', ['', 'a', '"\\\n', 'ä longer than sixteen bytes']],
  ['date', ['2024-02-29', '0044-03-15 BC']],
  ['timestamptz', ['2024-02-29 10:00:00+00', '0044-03-15 01:02:03.5+00 BC']],
  ['timestamp', ['2024-02-29 10:00:00']],
  ['interval', ['1 day', '-1 mon 02:00:00']],
  ['uuid', ['00000000-0000-0000-0000-000000000001']],
  ['jsonb', ['[]', '{"b": [1]}', '"x"']],
]
const plain = made.slice(0, -1)

/** An array of values, or what is special about arrays. */
function arrayOfItems(random: Random, [kind, items]: Kinds[number]): readonly [DataType, Scalar] {
  const shown = Array.from({ length: 1 + below(random, 3) }, () =>
    below(random, 6) === 0
      ? 'NULL'
      : `"${pick(random, items).replaceAll(/["\\]/g, String.raw`\$&`)}"`,
  )
  const list = `{${shown.join()}}`
  const shapes = ['{}', `[3:${shown.length + 2}]=${list}`, `{${list},${list}}`, list, list]
  const type = arrayOf(plainType(kind))
  return [type, parseScalar(pick(random, shapes), type)]
}

const ARRAY_CELL = 19
const kindNumber = (type: DataType): number => valueKinds[present(valueKindOf(type), 'kind')]

/** JSON of a value, of a list or of members, as a kernel and as the entry makes it. */
function building(random: Random): Round {
  const type = pick(random, [json, jsonb])
  const what = below(random, 3)
  const pairs = what === 0 ? 1 : below(random, 4)
  const scalar = (kinds: Kinds): readonly [DataType, Scalar] => {
    const [kind, items] = pick(random, kinds)
    const type = plainType(kind)
    const isNull = below(random, 6) === 0 && what > 0
    return [type, isNull ? null : parseScalar(pick(random, items), type)]
  }
  const one = (kinds = made): readonly [DataType, Scalar] =>
    below(random, 3) === 0 ? arrayOfItems(random, pick(random, plain)) : scalar(kinds)
  const values = Array.from({ length: pairs }, () =>
    what < 2 ? [one(what === 0 ? plain : made)] : [scalar(plain), one()],
  ).flat()
  const cells = zeros(32 * values.length)
  values.forEach(([kind, value], index) => {
    const cell = cells + 32 * index
    if (kind.kind === 'array') {
      heap.view.setUint32(cell, ARRAY_CELL, true)
      heap.view.setUint32(cell + 4, kindNumber(kind.element), true)
    } else heap.view.setUint32(cell, kindNumber(kind), true)
    heap.view.setUint32(cell + 8, Number(value !== null), true)
    const lanes = cellOf(value, kind)
    heap.u8.copyWithin(cell + 16, lanes, lanes + 16)
  })
  const bytes = exact('jsonBytes', cells, values.length)
  const isBinary = type === jsonb
  const view =
    bytes === -1n
      ? ELSEWHERE
      : exact('jsonBuild', what, Number(isBinary), cells, values.length, space(Number(bytes)))
  const name = [
    isBinary ? 'to_jsonb' : 'to_json',
    `${type.kind}_build_array`,
    `${type.kind}_build_object`,
  ][what]!
  const id = `${name}(${values.length === 0 ? '' : what === 0 ? 'any' : 'any,...'})`
  const expected = attempt(() =>
    scalarEntry(id).evaluate(
      values.map(([, value]) => value),
      values.map(([kind]) => kind),
      type,
    ),
  )
  return {
    found: shownAs(view, type),
    expected: expected === 'error' ? expected : wantedAs(expected, type),
    shown: [id, values.map(([kind, value]) => [kind.kind, value])],
  }
}

/** An array as JSON. */
function arrayAsJson(random: Random): Round {
  const type = pick(random, [json, jsonb])
  const [own, value] = arrayOfItems(random, pick(random, plain))
  if (own.kind !== 'array') throw new Error('no array')
  const view = viewOf(value, own)
  const room = space(12 * Number(BigInt.asUintN(64, view) >> 32n) + 256)
  const found = exact('arrayJson', view, kindNumber(own.element), Number(type === jsonb), room)
  const entry = scalarEntry(`to_${type.kind}(any)`)
  const expected = attempt(() => entry.evaluate([value], [own], type))
  return {
    found: shownAs(found, type),
    expected: expected === 'error' ? expected : wantedAs(expected, type),
    shown: [type.kind, value],
  }
}

const ways = ['Member', 'Item', 'Path', 'Steps'] as const

const trials: Readonly<Record<string, (random: Random) => Round>> = {
  ...Object.fromEntries(
    [json, jsonb].flatMap((type) => ways.map((by) => [`${type.kind}${by}`, lookUp(type, by)])),
  ),
  jsonType: inspection(json),
  jsonbType: inspection(jsonb),
  jsonbContains(random) {
    const left = documentOf(random, jsonb)
    // Often of what is there.
    const right = below(random, 2) === 0 ? documentOf(random, jsonb) : partOf(random, left)
    const found = call('jsonbContains', viewOf(left, jsonb), viewOf(right, jsonb))
    const expected = scalarEntry('@>(jsonb,jsonb)').evaluate([left, right], [jsonb, jsonb], bool)
    return { found: found === -1 ? undefined : found === 1, expected, shown: [left, right] }
  },
  jsonbHas(random) {
    const [source, name] = [documentOf(random, jsonb), pick(random, names)]
    const found = call('jsonbHas', viewOf(source, jsonb), placeText(name)) === 1
    const expected = scalarEntry('?(jsonb,text)').evaluate([source, name], [jsonb, text], bool)
    return { found, expected, shown: [source, name] }
  },
  jsonbHasTexts(random) {
    const source = documentOf(random, jsonb)
    const wanted = arrayText(
      Array.from({ length: below(random, 4) }, () => pick(random, [...names, null])),
    )
    const all = below(random, 2)
    const found = call('jsonbHasTexts', viewOf(source, jsonb), viewOf(wanted, textArray), all) === 1
    const id = `${all === 1 ? '?&' : '?|'}(jsonb,array)`
    const expected = scalarEntry(id).evaluate([source, wanted], [jsonb, textArray], bool)
    return { found, expected, shown: [id, source, wanted] }
  },
  jsonbPathExists: alongPath('jsonbPathExists', 'jsonb_path_exists(jsonb,jsonpath)', bool),
  jsonbPathMatch: alongPath('jsonbPathMatch', 'jsonb_path_match(jsonb,jsonpath)', bool),
  jsonbPathFirst: alongPath('jsonbPathFirst', 'jsonb_path_query_first(jsonb,jsonpath)', jsonb),
  jsonbPathArray: alongPath('jsonbPathArray', 'jsonb_path_query_array(jsonb,jsonpath)', jsonb),
  arrayJson: arrayAsJson,
  jsonBuild: building,
}

const filters = ['? (@ > 0)', '? (@.a == "ab")', '? (exists (@.b))', '? (@ starts with "a")']

/** A path that kernels have an image of, in lax mode. */
function randomPath(random: Random): string {
  const step = (): string =>
    pick(random, ['.a', '.b', '."ab"', '[*]', '[0]', '[last]', '[1]', pick(random, filters)])
  return `$${Array.from({ length: below(random, 4) }, step).join('')}`
}

function randomCondition(random: Random): string {
  const constants = ['0', '-1.5', '1000', '"a"', '"ab"', 'true', 'null']
  const compared = pick(random, ['==', '<', '<=', '>', '>=', '!='])
  const one = `${randomPath(random)} ${compared} ${pick(random, constants)}`
  return pick(random, [one, `exists (${randomPath(random)})`, `!(${one})`, `(${one}) && (${one})`])
}

/** Paths as kernels read them; what has no image is left to TypeScript. */
function alongPath(name: string, id: string, result: DataType): (random: Random) => Round {
  const isCondition = name === 'jsonbPathMatch'
  return (random) => {
    const source = documentOf(random, jsonb)
    const path = isCondition ? randomCondition(random) : randomPath(random)
    const parsed = readJsonPath(path)
    const image = isCondition ? imageOfCondition(parsed) : imageOfPath(parsed)
    const shown = [id, source, path]
    if (image === undefined) return { found: undefined, expected: undefined, shown }
    const view = viewOf(source, jsonb)
    const expected = attempt(() =>
      scalarEntry(id).evaluate([source, path], [jsonb, plainType('jsonpath')], result),
    )
    if (result.kind === 'bool') {
      const truth = call(name, view, place(image))
      return { found: truth === 2 ? null : truth === 1, expected, shown }
    }
    const found = exact(name, view, place(image), space(ROOM))
    return {
      found: shownAs(found, result),
      expected: expected === 'error' ? expected : wantedAs(expected, result),
      shown,
    }
  }
}

/** A member or item of a value, kept where it was. */
function partOf(random: Random, source: string): string {
  const value: unknown = JSON.parse(source)
  const part = (from: unknown): unknown => {
    if (Array.isArray(from)) return from.filter(() => below(random, 2) === 0).map(part)
    if (typeof from !== 'object' || from === null) return from
    const kept = Object.entries(from).filter(() => below(random, 2) === 0)
    return Object.fromEntries(kept.map(([name, item]) => [name, part(item)]))
  }
  return String(parseScalar(JSON.stringify(part(value)), jsonb))
}

conformance([...Object.keys(trials), 'jsonLength', 'jsonbLength', 'jsonBytes'], () =>
  runTrials(trials),
)
