import { spend } from '../../base/budget.ts'
import { QueryError } from '../../base/errors.ts'
import { bool, int8 } from '../../data/types/data-type.ts'
import { aliases, scalar } from '../define.ts'
import { keep } from '../emit.ts'
import type { ScalarFunction } from '../function.ts'
import type { InlineForm } from '../inline.ts'
import { ELSEWHERE, kernelForm, orElsewhere, pushLanes, viewForm } from '../kernel-forms.ts'

/** Characters of the longer text times those of the other that are compared at most. */
const CELLS_MAX = 400_000_000

/** The distance of Levenshtein, row by row. Throws PROGRAM_LIMIT_EXCEEDED. */
function levenshtein(left: string, right: string): bigint {
  const [rows, columns] = [[...left], [...right]]
  if (rows.length * columns.length > CELLS_MAX) {
    throw new QueryError('PROGRAM_LIMIT_EXCEEDED', 'texts are too long to be compared')
  }
  const distances = Uint32Array.from({ length: columns.length + 1 }, (_, at) => at)
  for (const [row, letter] of rows.entries()) {
    spend(columns.length + 1)
    let diagonal = row
    let before = row + 1
    distances[0] = before
    for (const [at, other] of columns.entries()) {
      const above = distances[at + 1]!
      before = Math.min(diagonal + (letter === other ? 0 : 1), above + 1, before + 1)
      distances[at + 1] = before
      diagonal = above
    }
  }
  return BigInt(distances[columns.length]!)
}

function mismatches(left: string, right: string): bigint {
  const [first, second] = [[...left], [...right]]
  if (first.length !== second.length) {
    const message = 'Mismatch Function: Strings must be of equal length!'
    throw new QueryError('INVALID_PARAMETER_VALUE', message)
  }
  return BigInt(first.filter((letter, at) => letter !== second[at]).length)
}

const distanceForm: InlineForm = (ctx, args) => {
  pushLanes(ctx, args)
  ctx.f.get(ctx.workspace()).call(ctx.kernel('textDistance'))
  const result = keep(ctx.f, 'i64')
  orElsewhere(ctx, result, ELSEWHERE)
  return { lanes: [result] }
}

const distance = scalar({
  name: 'levenshtein',
  args: ['text', 'text'],
  returns: int8,
  raises: true,
  doc: 'Characters to insert, leave out or replace until two texts are the same.',
  example: "levenshtein('kitten', 'sitting') -- 3",
  evaluate: ([left, right]) => levenshtein(String(left), String(right)),
  inline: distanceForm,
})

const differences = scalar({
  name: 'hamming',
  args: ['text', 'text'],
  returns: int8,
  raises: true,
  doc: 'Places where two texts of one length differ.',
  example: "hamming('duck', 'luck') -- 1",
  evaluate: ([left, right]) => mismatches(String(left), String(right)),
  inline: viewForm('textMismatches'),
})

const endings = scalar({
  name: 'ends_with',
  args: ['text', 'text'],
  returns: bool,
  doc: 'Whether the first text ends with the second.',
  example: "ends_with('heddle', 'dle') -- t",
  evaluate: ([source, end]) => String(source).endsWith(String(end)),
  inline: kernelForm('textEndsWith'),
})

const containing = scalar({
  name: 'contains',
  args: ['text', 'text'],
  returns: bool,
  doc: 'Whether the second text is somewhere in the first.',
  example: "contains('heddle', 'dd') -- t",
  evaluate: ([source, part]) => String(source).includes(String(part)),
  inline: (ctx, args) => {
    const { f } = ctx
    pushLanes(ctx, args)
    f.i32(0).call(ctx.kernel('textFind')).i32(0).op('i32.ge_s')
    return { lanes: [keep(f, 'i32')] }
  },
})

/** Functions on two texts that DuckDB has and PostgreSQL does not. */
export const distanceFunctions: readonly ScalarFunction[] = [
  distance,
  ...aliases([distance], 'editdist3'),
  differences,
  ...aliases([differences], 'mismatches'),
  endings,
  ...aliases([endings], 'suffix'),
  containing,
]
