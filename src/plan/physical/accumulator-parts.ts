import { int8, type DataType } from '../../data/types/data-type.ts'
import type { Accumulator } from '../../functions/aggregate-form.ts'
import { canBeAdded } from '../../functions/operators/arithmetic.ts'
import { and, caseOf, castTo, literal, or } from '../logical/build.ts'
import type { Expression } from '../logical/expression.ts'
import { compared, tested } from '../logical/predicates.ts'
import { operation } from './row-arithmetic.ts'

/** What an accumulator is over some rows, of what it is over a part of them. */
export interface AccumulatorParts {
  /**
   * A running aggregate of a task's rows, none of which is NULL, with what it was before them. Absent: the rows before are needed
   * themselves.
   */
  readonly added?: (value: Expression, before: Expression) => Expression
  /** Of which types of results that holds; all where it is absent. */
  readonly isAdded?: (type: DataType) => boolean
  /** Whether it says how many rows there are, where none is left out. */
  readonly isCount?: boolean
  /** What it is over one row; undefined where an expression does not tell. */
  readonly ofOneRow?: (arg: Expression | undefined, type: DataType) => Expression | undefined
  /** What it is over no rows where that is not NULL. */
  readonly ofNoRows?: Expression
}

const one = literal(1n, int8)
const none = literal(0n, int8)

/** Whatever is a sum has the type of its parts. */
function sum(value: Expression, before: Expression): Expression {
  return castTo(operation('+', value, before), value.type)
}

const itself: AccumulatorParts['ofOneRow'] = (arg, type) => arg && castTo(arg, type)

function better(operator: '<' | '>'): NonNullable<AccumulatorParts['added']> {
  return (value, before) =>
    caseOf([{ when: compared(operator, before, value), then: before }], value)
}

/** Each accumulator by its parts, which tasks compute apart. */
export const accumulatorParts: { readonly [K in Accumulator]: AccumulatorParts } = {
  'count-star': { added: sum, isCount: true, ofOneRow: () => one, ofNoRows: none },
  count: {
    added: sum,
    ofOneRow: (arg) => arg && caseOf([{ when: tested(arg, 'null'), then: none }], one),
    ofNoRows: none,
  },
  sum: { added: sum, isAdded: ({ kind }) => canBeAdded(kind), ofOneRow: itself },
  'sum-zero': { added: sum, isAdded: ({ kind }) => canBeAdded(kind) },
  min: { added: better('<'), ofOneRow: itself },
  max: { added: better('>'), ofOneRow: itself },
  'bool-and': { added: (value, before) => and([value, before]), ofOneRow: itself },
  'bool-or': { added: (value, before) => or([value, before]), ofOneRow: itself },
  'any-value': { ofOneRow: itself },
  'sum-squares': {},
  'bit-and': {},
  'bit-or': {},
  'bit-xor': {},
  deviation: {},
  'deviation-merge': {},
  fold: {},
  collect: {},
}
