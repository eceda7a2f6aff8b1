import { QueryError } from '../../base/errors.ts'
import { protocolViolation } from '../../base/protocol-violation.ts'
import { receivedString, type Received } from '../comm/checks.ts'

/** A function of a user, as a thread of another process makes it. */
export type FunctionCode = FunctionSource | ModuleExport

/** The text of a function expression, which knows nothing of what was around it. */
export interface FunctionSource {
  readonly kind: 'source'
  readonly name: string
  readonly text: string
}

/** What a module of every worker's own file system exports. */
export interface ModuleExport {
  readonly kind: 'module'
  readonly name: string
  /** A `file:` URL. */
  readonly url: string
}

/** Bounds of what a function may be. */
export const FUNCTION_CHARACTERS_MAX = 1 << 20
const NAME_CHARACTERS_MAX = 1_000
const URL_CHARACTERS_MAX = 10_000

/** What a class of functions looks like to a user. */
export type AnyFunction = (...args: never) => unknown

const codes = new WeakMap<AnyFunction, FunctionSource>()

/**
 * A function as its text. Throws INVALID_PARAMETER_VALUE for what has none that could stand alone: built-in
 * and bound functions, classes, getters, methods of private names.
 */
export function sourceOf(fn: AnyFunction): FunctionSource {
  const known = codes.get(fn)
  if (known !== undefined) return known
  if (typeof fn !== 'function') {
    throw new QueryError('INVALID_PARAMETER_VALUE', `a call of what is no function: ${typeof fn}`)
  }
  const text = Function.prototype.toString.call(fn)
  const name = fn.name.slice(0, NAME_CHARACTERS_MAX) || 'anonymous'
  if (/\{\s*\[native code\]\s*\}$/.test(text)) {
    throw unusable(
      name,
      'it is built in or bound, and has no text',
      'Wrap it: (x) => Math.sqrt(x).',
    )
  }
  if (/^class\b/.test(text)) throw unusable(name, 'it is a class', 'Wrap it: (x) => new Point(x).')
  if (text.length > FUNCTION_CHARACTERS_MAX) {
    const message = `function ${name} has a text of more than ${FUNCTION_CHARACTERS_MAX} characters`
    throw new QueryError('PROGRAM_LIMIT_EXCEEDED', message)
  }
  if (!isExpression(text) && !isExpression(`{${text}}`)) {
    throw unusable(
      name,
      'its text is no function expression',
      'Use a function or an arrow function.',
    )
  }
  const code: FunctionSource = { kind: 'source', name, text }
  codes.set(fn, code)
  return code
}

/** Throws PROTOCOL_VIOLATION. */
export function receivedCode({ kind, name, text, url }: Received): FunctionCode {
  const named = receivedString(name, NAME_CHARACTERS_MAX, 'the name of a function')
  switch (kind) {
    case 'source':
      return {
        kind,
        name: named,
        text: receivedString(text, FUNCTION_CHARACTERS_MAX, 'the text of a function'),
      }
    case 'module': {
      const file = receivedString(url, URL_CHARACTERS_MAX, 'the URL of a module')
      if (!file.startsWith('file:')) throw protocolViolation('a module that is no file')
      return { kind, name: named, url: file }
    }
    default:
      throw protocolViolation('a function of an unknown kind')
  }
}

/** What tells a function from others. */
export function identityOf(code: FunctionCode): string {
  return code.kind === 'source' ? code.text : `${code.url} ${code.name}`
}

/** Whether it can be parsed; nothing of it runs. */
function isExpression(text: string): boolean {
  try {
    // oxlint-disable-next-line no-new, typescript/no-implied-eval
    new Function(`"use strict"; return (${text}\n)`)
    return true
  } catch {
    return false
  }
}

function unusable(name: string, why: string, hint: string): QueryError {
  const message = `function ${name} cannot be sent to workers: ${why}`
  return new QueryError('INVALID_PARAMETER_VALUE', message, { hint })
}
