/** Rows of text to be shown as a table. */
export interface TextTable {
  readonly headers: readonly string[]
  /** Columns whose values stand at the right, as numbers do. */
  readonly rightAligned: readonly boolean[]
  /** null is SQL NULL. */
  readonly rows: readonly (readonly (string | null)[])[]
}

const CELL_WIDTH_MIN = 4
const TAB_WIDTH = 8
const CONTROL_CHARACTER = /\p{Cc}/gu

/**
 * Draws a table as psql does: a value of several lines takes several, a `+` telling that it goes on.
 * Where the table is wider than `widthMax` characters the widest columns are cut short, each cut shown
 * by an ellipsis; Infinity cuts nothing.
 */
export function drawTable(table: TextTable, widthMax: number): string {
  const headers = table.headers.map(shown)
  const rows = table.rows.map((row) => row.map((cell) => shown(cell ?? '')))
  const natural = headers.map((header, column) =>
    rows.reduce((most, row) => Math.max(most, cellWidth(row[column])), cellWidth(header)),
  )
  const widths = fit(natural, widthMax - 3 * natural.length + 1)
  const draw = (row: readonly Cell[], align: (column: number) => Align): readonly string[] => {
    const height = row.reduce((most, cell) => Math.max(most, cell.length), 1)
    return Array.from({ length: height }, (_, line) =>
      row
        .map((cell, column) => {
          const text = pad(cell[line] ?? '', widths[column] ?? 0, align(column))
          return ` ${text}${line + 1 < cell.length ? '+' : ' '}`
        })
        .join('|'),
    )
  }
  const rule = widths.map((w) => '-'.repeat(w + 2)).join('+')
  const body = rows.flatMap((row) =>
    draw(row, (column) => (table.rightAligned[column] === true ? 'right' : 'left')),
  )
  return [...draw(headers, () => 'center'), rule, ...body].map((l) => l.trimEnd()).join('\n')
}

/** `(1 row)`, `(5 rows)`. */
export function rowCountLine(rows: number): string {
  return `(${rows} ${rows === 1 ? 'row' : 'rows'})`
}

type Align = 'left' | 'right' | 'center'

/** The lines of a value. */
type Cell = readonly string[]

/** What a terminal would act on is written out, as psql does. */
function shown(text: string): Cell {
  return text.split('\n').map((line) =>
    line.replaceAll(CONTROL_CHARACTER, (character, at: number) => {
      if (character === '\t') return ' '.repeat(TAB_WIDTH - (at % TAB_WIDTH))
      if (character === '\r') return '\\r'
      return `\\x${(character.codePointAt(0) ?? 0).toString(16).padStart(2, '0').toUpperCase()}`
    }),
  )
}

function cellWidth(cell: Cell | undefined): number {
  return (cell ?? []).reduce((most, line) => Math.max(most, width(line)), 0)
}

/** Takes from the widest columns until the sum fits. */
function fit(natural: readonly number[], available: number): readonly number[] {
  const widths = [...natural]
  for (let over = widths.reduce((a, b) => a + b, 0) - available; over > 0; over--) {
    const widest = widths.indexOf(Math.max(...widths))
    if ((widths[widest] ?? 0) <= CELL_WIDTH_MIN) break
    widths[widest]!--
  }
  return widths
}

function pad(cell: string, target: number, align: Align): string {
  const space = target - width(cell)
  if (space < 0) return `${[...cell].slice(0, Math.max(0, target - 1)).join('')}…`
  if (align === 'right') return ' '.repeat(space) + cell
  const left = align === 'center' ? Math.floor(space / 2) : 0
  return ' '.repeat(left) + cell + ' '.repeat(space - left)
}

/** Characters, not UTF-16 units; wide East Asian characters count double. */
function width(text: string): number {
  let total = 0
  for (const character of text) total += isWide(character.codePointAt(0) ?? 0) ? 2 : 1
  return total
}

function isWide(code: number): boolean {
  return (
    (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0xa4cf) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0x1f300 && code <= 0x1faff)
  )
}
