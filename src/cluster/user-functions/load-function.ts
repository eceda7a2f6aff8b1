import { QueryError } from '../../base/errors.ts'
import type { FunctionCode, FunctionSource, ModuleExport } from './function-code.ts'

/** A function as a thread calls it. */
export type Callable = (this: unknown, ...args: readonly unknown[]) => unknown

/**
 * The function in this thread. Throws INVALID_PARAMETER_VALUE where the text is anything but one function
 * expression, UNDEFINED_FUNCTION where a module has no such function.
 */
export function loadFunction(code: FunctionCode): Callable | Promise<Callable> {
  return code.kind === 'source' ? compiled(code) : imported(code)
}

function compiled({ name, text }: FunctionSource): Callable {
  const found = evaluated(name, text) ?? methodOf(evaluated(name, `{${text}}`))
  // A function's text is exactly what stood there: nothing was around it.
  if (typeof found === 'function' && Function.prototype.toString.call(found) === text) {
    return found as Callable
  }
  const message = `the text of function ${name} is no function expression`
  throw new QueryError('INVALID_PARAMETER_VALUE', message)
}

/** Undefined where the text cannot be parsed. */
function evaluated(name: string, text: string): unknown {
  const url = `heddle:${encodeURIComponent(name)}`
  let make: () => unknown
  try {
    // oxlint-disable-next-line typescript/no-implied-eval
    make = new Function(`"use strict"; return (${text}\n)\n//# sourceURL=${url}`) as () => unknown
  } catch {
    return undefined
  }
  return make()
}

/** Of an object with one method, as the text of a method makes it. */
function methodOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  const [key] = Reflect.ownKeys(value)
  return key === undefined ? undefined : Object.getOwnPropertyDescriptor(value, key)?.value
}

async function imported({ url, name }: ModuleExport): Promise<Callable> {
  const module = (await import(url)) as Readonly<Record<string, unknown>>
  const found = Object.hasOwn(module, name) ? module[name] : undefined
  if (typeof found === 'function') return found as Callable
  throw new QueryError('UNDEFINED_FUNCTION', `module ${url} has no function ${name}`)
}
