import { errorRegistry, type ErrorCode, type ErrorData } from '../../base/errors.ts'
import { protocolViolation } from '../../base/protocol-violation.ts'

/** A received value of which nothing is known. */
export type Received = Readonly<Record<string, unknown>>

export function receivedObject(value: unknown, what: string): Received {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(what)
  return value as Received
}

export function receivedArray(value: unknown, lengthMax: number, what: string): readonly unknown[] {
  if (!Array.isArray(value) || value.length > lengthMax) throw wrong(what)
  return value
}

/** A number that is whole and within bounds, both included. */
export function receivedInteger(value: unknown, min: number, max: number, what: string): number {
  const isWhole = typeof value === 'number' && Number.isSafeInteger(value)
  if (!isWhole || value < min || value > max) throw wrong(what)
  return value
}

/** A number from 0 up, whole or not. */
export function receivedAmount(value: unknown, what: string): number {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) throw wrong(what)
  return value
}

export function receivedString(value: unknown, charactersMax: number, what: string): string {
  if (typeof value !== 'string' || value.length > charactersMax) throw wrong(what)
  return value
}

export function receivedBytes(value: unknown, what: string): Uint8Array {
  if (!(value instanceof Uint8Array)) throw wrong(what)
  return value
}

const ERROR_CHARACTERS_MAX = 1 << 20

/** The error as {@link receivedError} takes it: values that were read can be as long as they like. */
export function sendableError({ code, message, details }: ErrorData): ErrorData {
  const cut = (value: unknown): unknown =>
    typeof value === 'string' && value.length > ERROR_CHARACTERS_MAX
      ? `${value.slice(0, ERROR_CHARACTERS_MAX - 1)}…`
      : value
  const entries = Object.entries(details).map(([name, value]) => [name, cut(value)] as const)
  return { code, message: cut(message) as string, details: Object.fromEntries(entries) }
}

export function receivedError(value: unknown): ErrorData {
  const { code, message, details } = receivedObject(value, 'an error')
  const name = receivedString(code, 100, 'the code of an error')
  if (!Object.hasOwn(errorRegistry, name)) throw wrong('the code of an error')
  return {
    code: name as ErrorCode,
    message: receivedString(message, ERROR_CHARACTERS_MAX, 'the message of an error'),
    details: receivedObject(details, 'the details of an error'),
  }
}

function wrong(what: string): Error {
  return protocolViolation(`${what} is not what it should be`)
}
