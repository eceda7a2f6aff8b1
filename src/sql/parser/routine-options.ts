import type { RoutineOption } from '../ast/routine.ts'
import type { TokenCursor } from './cursor.ts'
import { parseNonReserved } from './name.ts'
import { parseNumber } from './setting.ts'

/** createfunc_opt_item*, in any order. */
export function parseRoutineOptions(cursor: TokenCursor): readonly RoutineOption[] {
  const options: RoutineOption[] = []
  for (;;) {
    const { start } = cursor.current
    const option = parseOption(cursor)
    if (option === undefined) return options
    const span = cursor.spanFrom(start)
    options.push({ ...option, span })
  }
}

type Unplaced<Option> = Option extends unknown ? Omit<Option, 'span'> : never

const choices: readonly (readonly [words: readonly string[], option: Unplaced<RoutineOption>])[] = [
  [['immutable'], { kind: 'volatility', value: 'immutable' }],
  [['stable'], { kind: 'volatility', value: 'stable' }],
  [['volatile'], { kind: 'volatility', value: 'volatile' }],
  [['strict'], { kind: 'strict', value: 'strict' }],
  [['returns', 'null', 'on', 'null', 'input'], { kind: 'strict', value: 'strict' }],
  [['called', 'on', 'null', 'input'], { kind: 'strict', value: 'called' }],
  [['external', 'security', 'definer'], { kind: 'security', value: 'definer' }],
  [['external', 'security', 'invoker'], { kind: 'security', value: 'invoker' }],
  [['security', 'definer'], { kind: 'security', value: 'definer' }],
  [['security', 'invoker'], { kind: 'security', value: 'invoker' }],
  [['not', 'leakproof'], { kind: 'leakproof', value: 'not' }],
  [['leakproof'], { kind: 'leakproof', value: 'leakproof' }],
  [['window'], { kind: 'window', value: 'window' }],
]

function parseOption(cursor: TokenCursor): Unplaced<RoutineOption> | undefined {
  for (const [words, option] of choices) {
    // Five words are one more than what can be seen ahead.
    if (!words.every((word, at) => at > 3 || cursor.ahead(at, word))) continue
    for (const word of words) cursor.expect(word)
    return option
  }
  if (cursor.at('as') && cursor.peek(1).kind === 'string') {
    cursor.advance()
    const value = cursor.advance().text
    if (cursor.at(',')) throw cursor.unsupported('functions of object files')
    return { kind: 'as', value }
  }
  if (cursor.accept('language')) {
    const isString = cursor.current.kind === 'string'
    const value = isString ? cursor.advance().text : parseNonReserved(cursor).text
    return { kind: 'language', value }
  }
  if (cursor.accept('parallel')) return { kind: 'parallel', value: parseNonReserved(cursor).text }
  if (cursor.accept('cost')) return { kind: 'cost', value: parseNumber(cursor) }
  if (cursor.accept('rows')) return { kind: 'rows', value: parseNumber(cursor) }
  if (cursor.at('transform')) throw cursor.unsupported('TRANSFORM of a function')
  if (cursor.at('support')) throw cursor.unsupported('SUPPORT of a function')
  if (cursor.at('set')) throw cursor.unsupported('SET of a function')
  if (cursor.at('reset')) throw cursor.unsupported('RESET of a function')
  return undefined
}
