import { notSupported, QueryError } from '../../base/errors.ts'
import { shownType, typeCategory } from '../../data/types/coercion.ts'
import { text, type DataType } from '../../data/types/data-type.ts'
import type { AstCollate, AstExpression } from '../../sql/ast/expression.ts'
import { literal } from '../logical/build.ts'
import type { Expression } from '../logical/expression.ts'
import { saidToBe } from '../logical/typing.ts'
import { bindExpression } from './context.ts'
import type { Binder, Scope } from './context.ts'

/**
 * Collations whose order is that of the bytes, as the database's own is: text that is collated by one is the same text.
 * Others are told by their names: `de-x-icu`.
 */
const byBytes: ReadonlySet<string> = new Set([
  'C',
  'POSIX',
  'default',
  'ucs_basic',
  'C.UTF-8',
  'C.utf8',
])
const ofLanguages = /^[a-z]{2,3}(?:-[A-Za-z0-9]+)*-x-icu$|^unicode$|^[a-z]{2}_[A-Z]{2}(?:\.utf8)?$/

/** Binders of statements that say COLLATE: in all others there is nothing to look for. */
const collating = new WeakSet<Binder>()

/** The collation's name. Errors: UNDEFINED_OBJECT, FEATURE_NOT_SUPPORTED. */
function collationOf({ collation }: AstCollate): string {
  const parts = collation.parts.map((part) => part.text)
  const name = parts.at(-1) ?? ''
  if (parts.length > 1 && parts[0] !== 'pg_catalog')
    throw undefinedCollation(parts.join('.'), collation)
  if (byBytes.has(name)) return name
  if (ofLanguages.test(name)) throw notSupported(`collation "${name}"`, collation.span)
  throw undefinedCollation(name, collation)
}

function undefinedCollation(name: string, { span }: AstCollate['collation']): QueryError {
  const message = `collation "${name}" for encoding "UTF8" does not exist`
  return new QueryError('UNDEFINED_OBJECT', message, { span })
}

function isCollatable(type: DataType): boolean {
  const { kind } = type.kind === 'array' ? type.element : type
  return kind === 'unknown' || typeCategory(kind) === 'string'
}

function notCollatable(type: DataType, span: AstExpression['span']): QueryError {
  const message = `collations are not supported by type ${shownType(type)}`
  return new QueryError('DATATYPE_MISMATCH', message, { span })
}

/** `x COLLATE "C"`. Errors: those of the name, DATATYPE_MISMATCH. */
export function bindCollate(scope: Scope, ast: AstCollate): Expression {
  const arg = bindExpression(scope, ast.arg)
  if (!isCollatable(arg.type)) throw notCollatable(arg.type, ast.span)
  collationOf(ast)
  collating.add(scope.environment.binder)
  return arg.type.kind === 'unknown' ? saidToBe(arg, text) : { ...arg }
}

/** `COLLATION FOR (x)`: its name in quotes; NULL for a literal of no type. */
export function bindCollationFor(scope: Scope, ast: AstExpression): Expression {
  const arg = bindExpression(scope, ast)
  const [said] = explicitOf(ast)
  if (said !== undefined) return literal(`"${said.name}"`, text, ast.span)
  if (arg.type.kind === 'unknown') return literal(null, text, ast.span)
  if (!isCollatable(arg.type)) throw notCollatable(arg.type, ast.span)
  return literal('"default"', text, ast.span)
}

interface Said {
  readonly name: string
  readonly ast: AstCollate
}

/** Functions that give a text of their arguments, and their collation with it. */
const passing: ReadonlySet<string> = new Set(
  'coalesce nullif greatest least upper lower initcap btrim ltrim rtrim substring left right'.split(
    ' ',
  ),
)

/** The collations that the text of an expression was given by COLLATE. */
function explicitOf(ast: AstExpression): readonly Said[] {
  if (ast.kind === 'collate') return [{ name: collationOf(ast), ast }]
  const isPassed =
    ast.kind === 'case' ||
    (ast.kind === 'binary' && ast.operator === '||') ||
    (ast.kind === 'function' && passing.has(ast.name.parts.at(-1)?.text ?? ''))
  return isPassed ? operandsOf(ast).flatMap(explicitOf) : []
}

/** What an expression makes one value of, or compares. */
function operandsOf(ast: AstExpression): readonly AstExpression[] {
  if (ast.kind === 'binary') return [ast.left, ast.right]
  if (ast.kind === 'function') return ast.args
  if (ast.kind === 'between') return [ast.arg, ast.low, ast.high]
  if (ast.kind === 'in') return [ast.arg, ...(ast.list ?? [])]
  if (ast.kind === 'like') return [ast.arg, ast.pattern]
  if (ast.kind !== 'case') return []
  return [...ast.branches.map(({ then }) => then), ...(ast.otherwise ? [ast.otherwise] : [])]
}

/** Two collations that are said for one operation are an error: COLLATION_MISMATCH. */
export function checkCollations({ environment }: Scope, ast: AstExpression): void {
  if (!collating.has(environment.binder)) return
  const [first, ...others] = operandsOf(ast).flatMap(explicitOf)
  const other = others.find(({ name }) => name !== first?.name)
  if (first === undefined || other === undefined) return
  const message = `collation mismatch between explicit collations "${first.name}" and "${other.name}"`
  throw new QueryError('COLLATION_MISMATCH', message, { span: other.ast.span })
}
