import { spend } from '../../base/budget.ts'
import { QueryError } from '../../base/errors.ts'
import { listOf, writeArrayText } from '../../data/types/array-text.ts'
import { arrayOf, text } from '../../data/types/data-type.ts'
import { present } from '../../base/assert.ts'
import { scalar } from '../define.ts'
import type { ScalarFunction } from '../function.ts'
import { lane } from '../emit.ts'
import { pushSize, writerForm } from '../kernel-forms.ts'
import { replaceAll } from './pieces.ts'

/** Words of SQL that are no names by themselves: pg_get_keywords() but those that are not reserved. */
const words = `
all analyse analyze and any array as asc asymmetric authorization between bigint binary bit
boolean both case cast char character check coalesce collate collation column concurrently
constraint create cross current_catalog current_date current_role current_schema
current_time current_timestamp current_user dec decimal default deferrable desc distinct do
else end except exists extract false fetch float for foreign freeze from full grant
greatest group grouping having ilike in initially inner inout int integer intersect
interval into is isnull join lateral leading least left like limit localtime localtimestamp
national natural nchar none normalize not notnull null nullif numeric offset on only or
order out outer overlaps overlay placing position precision primary real references
returning right row select session_user setof similar smallint some substring symmetric
table tablesample then time timestamp to trailing treat trim true union unique user using
values varchar variadic verbose when where window with xmlattributes xmlconcat xmlelement
xmlexists xmlforest xmlnamespaces xmlparse xmlpi xmlroot xmlserialize xmltable
`
  .trim()
  .split(/\s+/)
const isWord: ReadonlySet<string> = new Set(words)

/** A name as SQL has it: in quotes where it needs them. */
export function quotedName(name: string): string {
  if (/^[a-z_][a-z0-9_]*$/.test(name) && !isWord.has(name)) return name
  return `"${replaceAll(name, '"', '""')}"`
}

const LETTERS = 26

/** The words for the kernel: where those of each letter begin (27 numbers of two bytes), then each with a NUL behind it. */
export function packedWords(): Uint8Array {
  const starts = new Uint8Array(2 * (LETTERS + 1))
  const view = new DataView(starts.buffer)
  let all = ''
  for (let letter = 0; letter <= LETTERS; letter++) {
    view.setUint16(2 * letter, all.length, true)
    const first = String.fromCharCode(97 + letter)
    for (const word of words) if (word.startsWith(first)) all += `${word}\0`
  }
  return Uint8Array.from([...starts, ...new TextEncoder().encode(all)])
}

const packed = packedWords()

/** Every character doubled, and two quotes. */
export const quotedNameForm = writerForm(
  'textIdentifier',
  (ctx, [name]) => {
    pushSize(ctx, name)
    ctx.f.i64(2n).op('i64.mul').i64(2n).op('i64.add')
  },
  (ctx, [name]) => {
    ctx.f.get(lane(present(name, 'missing name'))).get(ctx.bytes(packed))
  },
)

function invalid(source: string, detail?: string): QueryError {
  const message = `string is not a valid identifier: "${source}"`
  return new QueryError('INVALID_PARAMETER_VALUE', message, detail === undefined ? {} : { detail })
}

const blanks = /[ \t\n\r\f\v]*/y
const quotedPart = /"((?:[^"]|"")*)"/y
const plainPart = /[A-Za-z_\u0080-\u{10ffff}][A-Za-z0-9_$\u0080-\u{10ffff}]*/uy

/** What a sticky expression finds at a place. */
function at(expression: RegExp, source: string, place: number): RegExpExecArray | null {
  expression.lastIndex = place
  return expression.exec(source)
}

/** The parts of a qualified name; what follows it is an error if the name has to be all. */
function partsOf(source: string, isAll: boolean): readonly string[] {
  spend(source.length)
  const parts: string[] = []
  let place = at(blanks, source, 0)![0].length
  let isBehindPoint = false
  for (;;) {
    const quoted = at(quotedPart, source, place)
    const found = quoted ?? at(plainPart, source, place)
    if (found === null) throw noPart(source, place, isBehindPoint)
    if (quoted?.[1] === '') throw invalid(source, 'Quoted identifier must not be empty.')
    parts.push(quoted === null ? lowered(found[0]) : (quoted[1] ?? '').replaceAll('""', '"'))
    place += found[0].length
    place += at(blanks, source, place)![0].length
    if (source[place] !== '.') break
    isBehindPoint = true
    place += 1
    place += at(blanks, source, place)![0].length
  }
  if (isAll && place < source.length) throw invalid(source)
  return parts
}

/** Only letters of ASCII have a small form in names. */
function lowered(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())
}

function noPart(source: string, place: number, isBehindPoint: boolean): QueryError {
  if (source[place] === '"') return invalid(source, 'String has unclosed double quotes.')
  if (source[place] === '.') return invalid(source, 'No valid identifier before ".".')
  return invalid(source, isBehindPoint ? 'No valid identifier after ".".' : undefined)
}

/** Names of SQL. */
export const nameFunctions: readonly ScalarFunction[] = [
  scalar({
    name: 'quote_ident',
    args: ['text'],
    returns: text,
    doc: 'A name as SQL has it, in double quotes where it needs them.',
    example: 'quote_ident(\'Foo bar\') -- "Foo bar"',
    evaluate: ([name]) => quotedName(String(name)),
    inline: quotedNameForm,
  }),
  ...([1, 2] as const).map((count) =>
    scalar({
      name: 'parse_ident',
      args: count === 1 ? ['text'] : ['text', 'bool'],
      returns: arrayOf({ kind: 'text' }),
      raises: true,
      doc:
        count === 1
          ? 'The parts of a qualified name.'
          : 'The same; with false, what follows the name does not matter.',
      example:
        count === 1
          ? 'parse_ident(\'"SomeSchema".someTable\') -- {SomeSchema,sometable}'
          : "parse_ident('a.b(c)', false) -- {a,b}",
      evaluate: ([source, isAll = true]) =>
        writeArrayText(listOf(partsOf(String(source), isAll === true))),
    }),
  ),
]
