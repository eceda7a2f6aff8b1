import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A table that the scripts find there, as PostgreSQL's own setup makes it; points are texts. */
export interface SharedTable {
  readonly name: string
  readonly columns: string
  /** Rows as COPY's text format has them. */
  rows(folder: string): readonly (readonly (string | null)[])[]
}

const unescaped = (field: string): string | null => (field === '\\N' ? null : field)

function fileRows(file: string): SharedTable['rows'] {
  return (folder) =>
    readFileSync(join(folder, 'data', file), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.split('\t').map(unescaped))
}

const values =
  (...fields: readonly string[]): SharedTable['rows'] =>
  () =>
    fields.map((field) => [field])

const tenkColumns =
  'unique1 int4, unique2 int4, two int4, four int4, ten int4, twenty int4, hundred int4, ' +
  'thousand int4, twothousand int4, fivethous int4, tenthous int4, odd int4, even int4, ' +
  'stringu1 name, stringu2 name, string4 name'
const personColumns = 'name text, age int4, location text'
const empColumns = `${personColumns}, salary int4, manager name`

export const sharedTables: readonly SharedTable[] = [
  { name: 'onek', columns: tenkColumns, rows: fileRows('onek.data') },
  { name: 'tenk1', columns: tenkColumns, rows: fileRows('tenk.data') },
  { name: 'person', columns: personColumns, rows: fileRows('person.data') },
  { name: 'emp', columns: empColumns, rows: fileRows('emp.data') },
  { name: 'student', columns: `${personColumns}, gpa float8`, rows: fileRows('student.data') },
  {
    name: 'stud_emp',
    columns: `${empColumns}, gpa float8, percent float8`,
    rows: fileRows('stud_emp.data'),
  },
  { name: 'aggtest', columns: 'a int2, b float4', rows: fileRows('agg.data') },
  { name: 'testjsonb', columns: 'j jsonb', rows: fileRows('jsonb.data') },
  { name: 'char_tbl', columns: 'f1 char(4)', rows: values('a', 'ab', 'abcd', 'abcd    ') },
  {
    name: 'varchar_tbl',
    columns: 'f1 varchar(4)',
    rows: values('a', 'ab', 'abcd', 'abcd    '),
  },
  { name: 'text_tbl', columns: 'f1 text', rows: values('doh!', 'hi de ho neighbor') },
  {
    name: 'int2_tbl',
    columns: 'f1 int2',
    rows: values('0', '1234', '-1234', '32767', '-32767'),
  },
  {
    name: 'int4_tbl',
    columns: 'f1 int4',
    rows: values('0', '123456', '-123456', '2147483647', '-2147483647'),
  },
  {
    name: 'int8_tbl',
    columns: 'q1 int8, q2 int8',
    rows: () => [
      ['123', '456'],
      ['123', '4567890123456789'],
      ['4567890123456789', '123'],
      ['4567890123456789', '4567890123456789'],
      ['4567890123456789', '-4567890123456789'],
    ],
  },
  {
    name: 'float4_tbl',
    columns: 'f1 float4',
    rows: values('0', '1004.30', '-34.84', '1.2345678901234e+20', '1.2345678901234e-20'),
  },
  {
    name: 'float8_tbl',
    columns: 'f1 float8',
    rows: values('0', '-34.84', '-1004.30', '-1.2345678901234e+200', '-1.2345678901234e-200'),
  },
]

const ROWS_OF_AN_INSERT = 500

/** The statements that make a table, rows included. */
export function makingOf({ name, columns, rows }: SharedTable, folder: string): readonly string[] {
  const all = rows(folder)
  const made = [`create table ${name} (${columns})`]
  for (let from = 0; from < all.length; from += ROWS_OF_AN_INSERT) {
    const tuples = all.slice(from, from + ROWS_OF_AN_INSERT).map((row) => {
      return `(${row.map(literal).join(', ')})`
    })
    made.push(`insert into ${name} values ${tuples.join(', ')}`)
  }
  return made
}

function literal(field: string | null): string {
  return field === null ? 'null' : `'${field.replaceAll("'", "''")}'`
}
