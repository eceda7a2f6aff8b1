import { QueryError } from './errors.ts'

const SHOWN_CHARACTERS_MAX = 64

/**
 * The error for an argument of another kind than the type of its function says: callers may be plain
 * JavaScript. `expected`: in words, as `a string`.
 */
export function wrongArgument(name: string, expected: string, found: unknown): QueryError {
  return new QueryError('INVALID_PARAMETER_VALUE', `invalid value for argument "${name}"`, {
    expected,
    found: kindOf(found),
  })
}

/** Errors: INVALID_PARAMETER_VALUE. */
export function givenText(name: string, value: unknown): string {
  if (typeof value === 'string') return value
  throw wrongArgument(name, 'a string', value)
}

/** Errors: INVALID_PARAMETER_VALUE. */
export function givenArray<T>(name: string, value: readonly T[]): readonly T[] {
  if (Array.isArray(value)) return value
  throw wrongArgument(name, 'an array', value)
}

/** An object that is read by its names. Errors: INVALID_PARAMETER_VALUE. */
export function givenRecord<T extends object>(name: string, value: T): T {
  if (isRecord(value)) return value
  throw wrongArgument(name, 'an object', value)
}

/** Options of one run: none, or a signal among them. Errors: INVALID_PARAMETER_VALUE. */
export function givenRunOptions<T extends { readonly signal?: unknown }>(options: T): T {
  const { signal } = givenRecord('options', options)
  if (signal === undefined || signal instanceof AbortSignal) return options
  throw wrongArgument('signal', 'an AbortSignal', signal)
}

export function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What a value is, in a few words that never run code of its own. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  if (Array.isArray(value)) return 'an array'
  if (typeof value === 'object') return 'an object'
  if (typeof value === 'string') return `"${value.slice(0, SHOWN_CHARACTERS_MAX)}"`
  if (typeof value === 'number' || typeof value === 'boolean') return `${typeof value} ${value}`
  return `a ${typeof value}`
}
