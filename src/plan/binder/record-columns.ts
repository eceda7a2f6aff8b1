import { typeNamed } from './named-type.ts'
import { QueryError } from '../../base/errors.ts'
import { text } from '../../data/types/data-type.ts'
import type { DataType } from '../../data/types/data-type.ts'
import type { TableAlias } from '../../sql/ast/select.ts'
import { caseOf, literal, named, project } from '../logical/build.ts'
import type { Expression } from '../logical/expression.ts'
import type { Relation } from '../logical/relation.ts'
import { castExplicitly, coerce, typedCall } from '../logical/typing.ts'
import { withinLimits } from './changes/stored-value.ts'
import type { Binder } from './context.ts'
import { lengthLimit, limitOf } from './type-name.ts'
import type { Span } from '../../base/span.ts'

export type ColumnDefinition = TableAlias['definitions'][number]

/** The columns of a function that returns records, each a member of the objects that it gives. */
export function recordColumns(
  binder: Binder,
  input: Relation,
  object: Expression,
  definitions: readonly ColumnDefinition[],
): Relation {
  const columns = definitions.map(({ name, type }) => {
    const charactersMax = lengthLimit(type)
    const field = {
      name: name.text,
      type: typeNamed(binder, type),
      nullable: true,
      ...(charactersMax !== undefined && { lengthLimit: limitOf(type.name, charactersMax) }),
    }
    const value = memberAs(binder, object, name.text, field.type, type.span)
    return named(binder.ctx.columnIds, name.text, withinLimits(binder, value, field))
  })
  return project(input, columns)
}

/** A member as PostgreSQL's populate_record has it: text is read as the type, what is null is NULL. */
function memberAs(
  binder: Binder,
  object: Expression,
  name: string,
  type: DataType,
  span: Span,
): Expression {
  const key = literal(name, text)
  if (type.kind === 'array' || type.kind === 'record') {
    const fn = object.type.kind === 'jsonb' ? 'jsonb_field_as' : 'json_field_as'
    return typedCall(binder, fn, [object, key, literal(null, type)])
  }
  const asText = typedCall(binder, '->>', [object, key])
  if (type.kind !== 'json' && type.kind !== 'jsonb') {
    return castExplicitly(binder, asText, type, span)
  }
  const member = typedCall(binder, '->', [object, key])
  const kind = typedCall(binder, `${object.type.kind}_typeof`, [member])
  const isNull = typedCall(binder, '=', [kind, literal('null', text)])
  return caseOf([{ when: isNull, then: literal(null, type) }], coerce(binder, member, type))
}

/** What is wrong with column definitions, or with there being none. */
export function checkDefinitions(
  isRecord: boolean,
  alias: TableAlias | undefined,
  span: Span,
  hasOrdinality: boolean,
): void {
  const [first] = alias?.definitions ?? []
  if (isRecord === (first !== undefined)) {
    if (!isRecord || !hasOrdinality) return
    const message = 'WITH ORDINALITY cannot be used with a column definition list'
    throw new QueryError('SYNTAX_ERROR', message, {
      span: first?.name.span ?? span,
      hint: 'Put the column definition list inside ROWS FROM().',
    })
  }
  const what = isRecord ? 'required' : 'only allowed'
  throw new QueryError(
    'SYNTAX_ERROR',
    `a column definition list is ${what} for functions returning "record"`,
    { span: first?.name.span ?? span },
  )
}
