import { QueryError } from '../../base/errors.ts'
import { readArrayText } from '../../data/types/array-text.ts'
import { jsonb } from '../../data/types/data-type.ts'
import {
  isJsonArray,
  isJsonObject,
  jsonbText,
  jsonValueOf,
  objectOf,
  type JsonValue,
} from '../../data/types/json-value.ts'
import { scalar } from '../define.ts'
import type { ScalarFunction } from '../function.ts'
import { checkBytes } from '../text/bounds.ts'

/** Items that an assignment may add at once. */
const ITEMS_MAX = 8_000_000

/** An assignment to what a path leads to: what is not there is made, arrays are filled with nulls. */
function withPart(
  value: JsonValue,
  path: readonly string[],
  level: number,
  part: JsonValue,
): JsonValue {
  const step = path[level]
  if (step === undefined) return part
  if (isJsonObject(value)) {
    const before = value.members.get(step)
    const after =
      before === undefined ? made(path, level + 1, part) : withPart(before, path, level + 1, part)
    return objectOf([...value.members, [step, after]])
  }
  if (!isJsonArray(value)) {
    throw new QueryError('INVALID_PARAMETER_VALUE', 'cannot replace existing key', {
      detail: 'The path assumes key is a composite object, but it is a scalar value.',
    })
  }
  const place = `path element at position ${level + 1}`
  const index = integerOf(step)
  if (index === undefined) {
    const message = `${place} is not an integer: "${step}"`
    throw new QueryError('INVALID_TEXT_REPRESENTATION', message)
  }
  const at = index < 0 ? value.length + index : index
  if (at < 0) {
    throw new QueryError('INVALID_PARAMETER_VALUE', `${place} is out of range: ${index}`)
  }
  const before = value[at]
  const after =
    before === undefined ? made(path, level + 1, part) : withPart(before, path, level + 1, part)
  return [...filled(value, at), after, ...value.slice(at + 1)]
}

/** What the rest of a path makes: arrays for numbers, objects for names. */
function made(path: readonly string[], level: number, part: JsonValue): JsonValue {
  const step = path[level]
  if (step === undefined) return part
  const index = integerOf(step)
  const inner = made(path, level + 1, part)
  return index === undefined ? objectOf([[step, inner]]) : [...filled([], index), inner]
}

function filled(items: readonly JsonValue[], length: number): readonly JsonValue[] {
  if (length > ITEMS_MAX) {
    throw new QueryError('PROGRAM_LIMIT_EXCEEDED', 'JSON text has too many parts', {
      expected: `at most ${ITEMS_MAX} items of an array that is filled`,
    })
  }
  const nulls = Array.from<JsonValue>({ length: Math.max(0, length - items.length) }).fill(null)
  return [...items.slice(0, Math.max(0, length)), ...nulls]
}

const INT4_MAX = 2_147_483_647

function integerOf(step: string): number | undefined {
  if (!/^\s*[+-]?\d+$/.test(step)) return undefined
  const index = Number(step)
  return index >= -INT4_MAX - 1 && index <= INT4_MAX ? index : undefined
}

export const jsonAssignedParts: readonly ScalarFunction[] = [
  scalar({
    name: 'jsonb_with_part',
    args: ['jsonb', 'jsonb', 'bool', 'array'],
    returns: jsonb,
    nulls: 'called',
    raises: true,
    doc: "SET j['a'][0] = value: with another value at a path; of NULL it makes an array if told.",
    example: `jsonb_with_part('{}'::jsonb, '2'::jsonb, false, '{b}'::text[]) -- {"b": 2}`,
    evaluate([value = null, part = null, isArray, path = null]) {
      const steps = readArrayText(String(path)).elements.map((step) => {
        if (step !== null) return step
        const message = 'jsonb subscript in assignment must not be null'
        throw new QueryError('NULL_VALUE_NOT_ALLOWED', message)
      })
      const start =
        value === null ? (isArray === true ? [] : objectOf([])) : jsonValueOf(String(value))
      const assigned = part === null ? null : jsonValueOf(String(part))
      const text = jsonbText(withPart(start, steps, 0, assigned))
      checkBytes(text.length)
      return text
    },
  }),
]
