import { parseExpression } from '../../sql/parse.ts'
import type { AstFunction } from '../../sql/ast/expression.ts'
import { inputsOf, type RoutineEntry } from './routine.ts'

/**
 * Whether an expression that is kept as text calls a function, as far as names and numbers of arguments tell. It is bound anew
 * at each use, so nothing better is known of it.
 */
export function callsIn(text: string | undefined, entry: RoutineEntry): boolean {
  if (text?.includes(entry.name) !== true) return false
  return someCall(parseExpression(text), (call) => {
    const [last, schema] = call.name.parts.toReversed()
    if (last?.text !== entry.name) return false
    if (schema !== undefined && schema.text !== entry.schema) return false
    return takes(entry, call.args.length)
  })
}

function takes(entry: RoutineEntry, count: number): boolean {
  const inputs = inputsOf(entry)
  const isVariadic = inputs.at(-1)?.mode === 'variadic'
  const needed = inputs.filter(({ defaultText }) => defaultText === undefined).length
  return count >= needed - (isVariadic ? 1 : 0) && (isVariadic || count <= inputs.length)
}

function someCall(node: unknown, test: (call: AstFunction) => boolean): boolean {
  if (typeof node !== 'object' || node === null) return false
  if (Array.isArray(node)) return node.some((one: unknown) => someCall(one, test))
  if ('kind' in node && node.kind === 'function' && test(node as AstFunction)) return true
  return Object.values(node).some((one: unknown) => someCall(one, test))
}
