import type { Expression } from '../logical/expression.ts'
import type { ColumnChoice, Scope } from './context.ts'

/** An expression for a column that COLUMNS stands for; none where COLUMNS is not in it. */
export interface OfColumn {
  readonly expr: Expression
  readonly column: string | undefined
}

/** What is bound, once for each of the columns that COLUMNS in it stands for. */
export function forEachColumn({ level }: Scope, bind: () => Expression): readonly OfColumn[] {
  const before = level.columnChoice
  const choice: ColumnChoice = { columns: undefined, at: 0 }
  level.columnChoice = choice
  try {
    const made: OfColumn[] = []
    do {
      const expr = bind()
      made.push({ expr, column: choice.columns?.[choice.at]?.name })
      choice.at += 1
    } while (choice.at < (choice.columns?.length ?? 0))
    return made
  } finally {
    level.columnChoice = before
  }
}
