import { spend } from '../../base/budget.ts'
import { QueryError } from '../../base/errors.ts'
import { recordOf } from '../../data/types/catalogue/record.ts'
import { json, jsonb, text } from '../../data/types/data-type.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { tableFunction } from '../define.ts'
import type { TableFunction } from '../function.ts'
import { documentOf, jsonText } from '../json/paths.ts'
import { refuseOtherThanRow, rowOfJson } from '../json/record-fields.ts'

/** Objects of an array that nothing is known of. */
const OBJECTS_UNKNOWN = 10
/** What an object costs at least, in steps of a budget. */
const OBJECT_STEPS = 16

function refused(message: string): QueryError {
  return new QueryError('INVALID_PARAMETER_VALUE', message)
}

/** A document that is an object, or NULL. */
function checkedObject(source: Scalar): Scalar {
  if (source === null) return null
  const { node } = documentOf(String(source))
  if (node.kind === 'object') return source
  const what = node.kind === 'array' ? 'an array' : 'a scalar'
  throw refused(`cannot call populate_composite on ${what}`)
}

function* objectsOf(name: string, isBinary: boolean, from: Scalar): Generator<Scalar> {
  const { source, node } = documentOf(String(from))
  if (node.kind !== 'array') {
    const what = isBinary ? 'a non-array' : node.kind === 'object' ? 'an object' : 'a scalar'
    throw refused(`cannot call ${name} on ${what}`)
  }
  for (const item of node.items) {
    spend(OBJECT_STEPS)
    if (item.kind !== 'object') throw refused(`argument of ${name} must be an array of objects`)
    yield jsonText({ source, node: item })
  }
}

/** Objects of an array as rows of a type. */
function populated(kind: 'json' | 'jsonb'): TableFunction {
  const name = `${kind}_populate_recordset`
  return tableFunction({
    name,
    args: ['any', kind],
    settle(types) {
      refuseOtherThanRow(name, types[0])
      return types.map((type, at) => (at === 0 ? type : { kind }))
    },
    returns: ([type = text]) => type,
    nulls: 'called',
    doc: 'Objects of an array as rows of the type of the first argument, whose fields those have that are no members.',
    example: `${name}(row(1, 2), '[{"f1": 5}, {"f2": 7}]') -- (5,2), (1,7)`,
    *rows([base = null, source = null], [type]) {
      if (source === null) return
      for (const object of objectsOf(name, kind === 'jsonb', source)) {
        yield rowOfJson(documentOf(String(object)), recordOf(type), base)
      }
    },
    rowsOf: () => OBJECTS_UNKNOWN,
  })
}

/** Functions whose columns a query defines: what they give are objects, of which the columns are members. */
export const jsonRecords: readonly TableFunction[] = (['json', 'jsonb'] as const).flatMap(
  (kind) => {
    const returns = kind === 'json' ? json : jsonb
    const set = `${kind}_to_recordset`
    const own = { args: [kind], returns, isRecord: true } as const
    return [
      tableFunction({
        ...own,
        name: `${kind}_to_record`,
        nulls: 'called',
        doc: 'An object as a row, whose columns are defined behind its alias.',
        example: `${kind}_to_record('{"a": 1}') as x(a int) -- 1`,
        rows: ([source = null]) => [checkedObject(source)],
        rowsOf: () => 1,
      }),
      tableFunction({
        ...own,
        name: set,
        doc: 'Objects of an array as rows, whose columns are defined behind its alias.',
        example: `${set}('[{"a": 1}, {"a": 2}]') as x(a int) -- 1, 2`,
        rows: ([source = null]) => objectsOf(set, kind === 'jsonb', source),
        rowsOf: () => OBJECTS_UNKNOWN,
      }),
      populated(kind),
    ]
  },
)
