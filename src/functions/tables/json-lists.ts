import { writeArrayText } from '../../data/types/array-text.ts'
import { arrayOf } from '../../data/types/data-type.ts'
import { scalar } from '../define.ts'
import { lane } from '../emit.ts'
import type { InlineForm } from '../inline.ts'
import type { ScalarFunction, TableFunction } from '../function.ts'
import { pushSize, writerForm, type Push } from '../kernel-forms.ts'
import { jsonRows } from './json.ts'
import { present } from '../../base/assert.ts'

/*
 * The columns of functions that take JSON apart, each as an array of its values: what the optimizer makes of such functions,
 * as arrays are made and taken apart in code.
 */

const pieces = { items: 0, names: 1, values: 2 } as const
type Pieces = keyof typeof pieces

/** Bytes that a kernel takes for each byte of a document, and at all. */
const PIECES_FACTOR = 6n
const PIECES_BYTES = 256n
/** Documents of some ten MiB; larger ones are taken apart in TypeScript, which can be cancelled. */
const PIECES_BYTES_MAX = 67_108_864n

function piecesForm(what: Pieces, isBinary: boolean, asText: boolean): InlineForm {
  const pushBytes: Push = (ctx, [document]) => {
    pushSize(ctx, document)
    ctx.f.i64(PIECES_FACTOR).op('i64.mul').i64(PIECES_BYTES).op('i64.add')
  }
  const push: Push = ({ f }, [document]) => {
    f.get(lane(present(document, 'missing JSON')))
    f.i32(pieces[what]).i32(isBinary ? 1 : 0)
    f.i32(asText ? 1 : 0)
  }
  return writerForm('jsonPieces', pushBytes, push, PIECES_BYTES_MAX)
}

/** A column of a function that gives rows, as an array. */
function listed(rows: TableFunction, column: number, name: string, what: Pieces): ScalarFunction {
  const [kind] = rows.args
  const isBinary = kind === 'jsonb'
  const asText = what === 'names' || rows.name.endsWith('_text')
  const sample = what === 'items' ? '[1, 2]' : '{"a": 1}'
  const shown = { items: '{1,2}', names: '{a}', values: '{1}' }[what]
  return scalar({
    name,
    args: [present(kind, 'argument of a function')],
    returns: asText ? arrayOf({ kind: 'text' }) : arrayOf({ kind: 'json' }),
    raises: true,
    doc: `What ${rows.name} gives in its column ${rows.columns?.[column]?.name ?? rows.name}, as an array.`,
    example: `${name}('${sample}') -- ${shown}`,
    evaluate([source = null]) {
      const elements = Array.from(rows.rows([source], []), (row) => {
        const value = Array.isArray(row) ? (row[column] ?? null) : row
        return value === null ? null : String(value)
      })
      const dimensions = elements.length === 0 ? [] : [{ lower: 1, length: elements.length }]
      return writeArrayText({ dimensions, elements })
    },
    inline: piecesForm(what, isBinary, asText),
    isDear: true,
  })
}

/** For each column of {@link jsonRows} the function that gives it, by the name that the entry there has for it. */
export const jsonLists: readonly ScalarFunction[] = jsonRows.flatMap((rows) => {
  const [first, second] = rows.lists ?? []
  if (first === undefined) return []
  if (second === undefined) {
    return [listed(rows, 0, first, rows.columns === undefined ? 'names' : 'items')]
  }
  return [listed(rows, 0, first, 'names'), listed(rows, 1, second, 'values')]
})
