import {
  isJsonArray,
  isJsonNumber,
  jsonKind,
  type JsonNumber,
  type JsonValue,
} from '../../../data/types/json-value.ts'
import { momentName, momentText, type Moment } from './moments.ts'

/** What a path gives: a jsonb, or a moment, which no jsonb is. */
export type PathValue = JsonValue | Moment

export function isMoment(value: PathValue): value is Moment {
  return typeof value === 'object' && value !== null && 'moment' in value
}

export function isArray(value: PathValue): value is readonly JsonValue[] {
  return !isMoment(value) && isJsonArray(value)
}

export function isNumber(value: PathValue): value is JsonNumber {
  return !isMoment(value) && isJsonNumber(value)
}

/** What type() says. */
export function kindOf(value: PathValue): string {
  return isMoment(value) ? momentName(value) : jsonKind(value)
}

/** The jsonb that users get of it. */
export function resultOf(value: PathValue): JsonValue {
  return isMoment(value) ? momentText(value) : value
}
