import { notSupported, QueryError } from '../base/errors.ts'
import { int8, text } from '../data/types/data-type.ts'
import { scalar } from './define.ts'
import type { ScalarFunction } from './function.ts'

/** A call that is left when a query runs: the engine draws numbers before, in the order of the rows. */
function undrawn(name: string): never {
  throw notSupported(
    `${name} where a condition or another query's row decides whether it is called`,
  )
}

export const nextval = scalar({
  name: 'nextval',
  args: ['text'],
  returns: int8,
  volatility: 'volatile',
  raises: true,
  doc: 'Takes the next number of a sequence: once for each row, in the order of the rows.',
  example: 'nextval(NULL) -- NULL',
  evaluate: () => undrawn('nextval'),
})

export const currval = scalar({
  name: 'currval',
  args: ['text'],
  returns: int8,
  volatility: 'volatile',
  raises: true,
  doc: 'The number that the session took last of a sequence.',
  example: 'currval(NULL) -- NULL',
  evaluate: () => undrawn('currval'),
})

export const lastval = scalar({
  name: 'lastval',
  args: [],
  returns: int8,
  volatility: 'volatile',
  raises: true,
  doc: 'The number that the session took last, of whatever sequence.',
  example: 'lastval() -- 55000 lastval is not yet defined in this session',
  evaluate: () => {
    throw notYet('lastval')
  },
})

export const setval = scalar({
  name: 'setval',
  args: ['text', 'int8'],
  returns: int8,
  volatility: 'volatile',
  raises: true,
  doc: 'Sets where a sequence has come to: the next number is the one behind.',
  example: 'setval(NULL, 1) -- NULL',
  evaluate: () => undrawn('setval'),
})

export const setvalCalled = scalar({
  name: 'setval',
  args: ['text', 'int8', 'bool'],
  returns: int8,
  volatility: 'volatile',
  raises: true,
  doc: 'Sets where a sequence has come to; with false the number itself is the next one.',
  example: 'setval(NULL, 1, false) -- NULL',
  evaluate: () => undrawn('setval'),
})

export const serialSequence = scalar({
  name: 'pg_get_serial_sequence',
  args: ['text', 'text'],
  returns: text,
  volatility: 'volatile',
  raises: true,
  doc: 'The name of the sequence that a column of a table owns, with its schema.',
  example: "pg_get_serial_sequence(NULL, 'id') -- NULL",
  evaluate: () => undrawn('pg_get_serial_sequence'),
})

/** What only the session and the catalog of a statement can answer, a row at a time. */
export const sequenceFunctions: readonly ScalarFunction[] = [
  nextval,
  currval,
  lastval,
  setval,
  setvalCalled,
  serialSequence,
]

/** Errors: OBJECT_NOT_IN_STATE. `what`: a function, or that of a sequence. */
export function notYet(what: string): QueryError {
  return new QueryError('OBJECT_NOT_IN_STATE', `${what} is not yet defined in this session`)
}
