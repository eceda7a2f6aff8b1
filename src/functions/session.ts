import { notSupported, QueryError } from '../base/errors.ts'
import { text } from '../data/types/data-type.ts'
import type { Scalar } from '../data/types/scalar.ts'
import { scalar } from './define.ts'
import type { ScalarFunction } from './function.ts'

/** A call that is left when a query runs: its name is a value of the query's rows. */
function ofAnyRow(name: string): Scalar {
  throw notSupported(`${name} of anything but constants in the select list`)
}

/** Settings by name, which the engine puts the values of the session in place of. */
export const currentSettingFunctions: readonly ScalarFunction[] = [
  scalar({
    name: 'current_setting',
    args: ['text'],
    returns: text,
    volatility: 'stable',
    raises: true,
    doc: 'The value of a setting, as SHOW gives it; the name must be a constant.',
    example: 'current_setting(NULL) -- NULL',
    evaluate: () => ofAnyRow('current_setting'),
  }),
  scalar({
    name: 'current_setting',
    args: ['text', 'bool'],
    returns: text,
    volatility: 'stable',
    raises: true,
    doc: 'The value of a setting; with true, NULL where there is no setting of that name.',
    example: 'current_setting(NULL, true) -- NULL',
    evaluate: () => ofAnyRow('current_setting'),
  }),
]

/** Sets one: the engine does what it says, and puts its value in its place. */
export const setConfigFunction = scalar({
  name: 'set_config',
  args: ['text', 'text', 'bool'],
  returns: text,
  nulls: 'called',
  volatility: 'volatile',
  raises: true,
  doc:
    'Sets a setting, with true until the end of the transaction, and gives its new value. In the ' +
    'select list of a query without FROM.',
  example: "set_config(NULL, 'on', false) -- 22004 SET requires parameter name",
  evaluate: ([name]) => (name === null ? refuseNoName() : ofAnyRow('set_config')),
})

export const sessionFunctions: readonly ScalarFunction[] = [
  ...currentSettingFunctions,
  setConfigFunction,
]

/** Errors: NULL_VALUE_NOT_ALLOWED. */
export function refuseNoName(): never {
  throw new QueryError('NULL_VALUE_NOT_ALLOWED', 'SET requires parameter name')
}
