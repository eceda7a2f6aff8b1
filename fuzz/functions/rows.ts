import type { Chooser } from '../chooser.ts'
import type { Domain } from './domains.ts'

/** A value as a text that its type reads; null: NULL. */
export type Text = string | null

/** A column of the table that calls are made over. */
export interface Column {
  readonly name: string
  readonly domain: Domain
  readonly values: readonly Text[]
}

/** A column of any values, one that often has those of the first, and one of few values. */
export type ColumnForm = 'any' | 'near' | 'few'

const NULL_CHANCE = 0.06
const SAME_CHANCE = 0.25
/** So few that a text has a dictionary and an integer few bits. */
const FEW_VALUES = 12

/** The columns of all domains, `rows` long. */
export function randomColumns(
  choose: Chooser,
  domains: readonly Domain[],
  rows: number,
): readonly Column[] {
  return domains.flatMap((domain): readonly Column[] => {
    const value = (): Text => (choose.chance(NULL_CHANCE) ? null : domain.make(choose))
    const any = Array.from({ length: rows }, value)
    const some = Array.from({ length: FEW_VALUES }, () => domain.make(choose))
    const makes: Readonly<Record<ColumnForm, () => readonly Text[]>> = {
      any: () => any,
      near: () => any.map((same) => (choose.chance(SAME_CHANCE) ? same : value())),
      few: () => any.map(() => choose.pick(some)),
    }
    return domain.forms.map((form) => ({
      name: columnName(domain, form),
      domain,
      values: makes[form](),
    }))
  })
}

export function columnName({ name }: Domain, form: ColumnForm): string {
  return `${name}_${form}`
}

export function quoted(value: Text): string {
  return value === null ? 'null' : `'${value.replaceAll("'", "''")}'`
}

/** A constant of the domain's type. */
export function constant(value: Text, { declared }: Domain): string {
  return `${quoted(value)}::${declared}`
}

/** How many rows a statement brings: no parser likes millions of letters. */
const INSERTED_ROWS = 100

/** Statements that make the table of a name; its rows are numbered by `id`. */
export function createStatements(name: string, columns: readonly Column[]): readonly string[] {
  const declared = columns.map((column) => `, ${column.name} ${column.domain.declared}`)
  const statements = [`create table ${name} (id int4${declared.join('')})`]
  const rows = columns[0]?.values.length ?? 0
  for (let from = 0; from < rows; from += INSERTED_ROWS) {
    const count = Math.min(INSERTED_ROWS, rows - from)
    const values = Array.from({ length: count }, (_, at) => {
      const cells = columns.map(({ values: of }) => quoted(of[from + at] ?? null))
      return `(${[from + at, ...cells].join(', ')})`
    })
    statements.push(`insert into ${name} values ${values.join(', ')}`)
  }
  return statements
}
