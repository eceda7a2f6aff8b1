import { present } from '../../base/assert.ts'
import type { DataType } from '../../data/types/data-type.ts'
import type { Resolution } from '../function.ts'
import { resolveOverload, type ResolutionFailure } from '../resolve.ts'
import { rankingFunctions } from './ranking.ts'
import { valueFunctions } from './values.ts'
import type { WindowFunction } from './window.ts'

/** Every window function that is no aggregate, in the order of the reference page. */
export const windowFunctions: readonly WindowFunction[] = [...rankingFunctions, ...valueFunctions]

const byId = new Map(windowFunctions.map((fn) => [fn.id, fn]))
const byName = new Map(
  [...new Set(windowFunctions.map(({ name }) => name))].map((name) => [
    name,
    windowFunctions.filter((fn) => fn.name === name),
  ]),
)

export function isWindowFunction(name: string): boolean {
  return byName.has(name)
}

/** Whether a window function gives values of its first argument. */
export function givesValues(name: string): boolean {
  return byName.get(name)?.some(({ gives }) => gives === 'row') === true
}

/** The overload of an id that a resolution gave. */
export function windowFunction(id: string): WindowFunction {
  return present(byId.get(id), `unknown window function ${id}`)
}

/** Chooses the overload of a window function, as {@link resolveOverload} does. */
export function resolveWindowFunction(
  name: string,
  argTypes: readonly DataType[],
): Resolution<WindowFunction> | ResolutionFailure {
  return resolveOverload(byName.get(name) ?? [], argTypes)
}
