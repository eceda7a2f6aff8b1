import { QueryError } from '../../base/errors.ts'
import { text, type DataType } from '../../data/types/data-type.ts'
import { windowFunction } from '../define.ts'
import type { ArgumentKind } from '../function.ts'
import { DEFAULT_ROW, NO_ROW, type WindowFunction, type WindowRows } from '../window-function.ts'

const firstArgument = (args: readonly DataType[]): DataType => args[0] ?? text

type ValueEntry = Pick<WindowFunction, 'name' | 'args' | 'doc' | 'example' | 'kernel' | 'evaluate'>

function value(entry: ValueEntry): WindowFunction {
  return windowFunction({ returns: firstArgument, gives: 'row', nullable: true, ...entry })
}

/** The overloads of lag and lead: a value, how many rows away, and what to give where there is none. */
const overloads: readonly (readonly ArgumentKind[])[] = [
  ['any'],
  ['any', 'int4'],
  ['any', 'int4', 'any'],
]

/** The row so many rows before, or behind with `sign` -1, where the partition has it. */
function away(rows: WindowRows, args: number, sign: 1 | -1): (row: number) => number {
  const { partitionStarts, partitionEnds } = rows
  return (row) => {
    const offset = args > 1 ? rows.integer(1, row) : 1
    if (offset === undefined) return NO_ROW
    const target = row - sign * offset
    if (target >= partitionStarts[row]! && target < partitionEnds[row]!) return target
    return args > 2 ? DEFAULT_ROW : NO_ROW
  }
}

/** Window functions that give a value of another row. */
export const valueFunctions: readonly WindowFunction[] = [
  ...overloads.map((args) =>
    value({
      name: 'lag',
      kernel: 'lag',
      args,
      doc: 'The value so many rows before (1 by default); else the third argument, or NULL.',
      example: 'lag(x) over 3, 5, 7 -- NULL, 3, 5',
      evaluate: (rows) => away(rows, args.length, 1),
    }),
  ),
  ...overloads.map((args) =>
    value({
      name: 'lead',
      kernel: 'lead',
      args,
      doc: 'The value so many rows behind (1 by default); else the third argument, or NULL.',
      example: 'lead(x) over 3, 5, 7 -- 5, 7, NULL',
      evaluate: (rows) => away(rows, args.length, -1),
    }),
  ),
  value({
    name: 'first_value',
    args: ['any'],
    doc: "The value in the first row of the row's frame.",
    example: 'first_value(x) over 3, 5, 7 -- 3, 3, 3',
    evaluate:
      ({ frame }) =>
      (row) =>
        frame.nth(row, 0),
  }),
  value({
    name: 'last_value',
    args: ['any'],
    doc: "The value in the last row of the row's frame; the usual one ends with its peers.",
    example: 'last_value(x) over 3, 5, 7 -- 3, 5, 7',
    evaluate:
      ({ frame }) =>
      (row) =>
        frame.last(row),
  }),
  value({
    name: 'nth_value',
    args: ['any', 'int4'],
    doc: "The value in the n-th row of the row's frame, from 1; NULL where it has fewer.",
    example: 'nth_value(x, 2) over 3, 5, 7 -- NULL, 5, 5',
    evaluate: (rows) => (row) => {
      const n = rows.integer(1, row)
      if (n === undefined) return NO_ROW
      if (n <= 0) {
        const message = 'argument of nth_value must be greater than zero'
        throw new QueryError('INVALID_ARGUMENT_FOR_NTH_VALUE', message)
      }
      return rows.frame.nth(row, n - 1)
    },
  }),
]
