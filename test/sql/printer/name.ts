import type { Identifier, QualifiedName, TypeName } from '../../../src/sql/ast/expression.ts'
import { keywordOf } from '../../../src/sql/lexer/token.ts'

export function printIdentifier({ text, quoted }: Identifier): string {
  return quoted ? quote(text) : text
}

export function printName({ parts }: QualifiedName): string {
  return parts.map(printIdentifier).join('.')
}

export function printNames(names: readonly Identifier[]): string {
  return names.map(printIdentifier).join(', ')
}

/** ` (a, b)`, or nothing for no names. */
export function printColumnNames(names: readonly Identifier[]): string {
  return names.length === 0 ? '' : ` (${printNames(names)})`
}

export function printString(value: string): string {
  return `'${value.replaceAll("'", "''")}'`
}

/** A word as a name wherever one may stand: quoted when it is not plain or is a keyword. */
export function printWord(text: string): string {
  const plain = /^[a-z_][a-z0-9_$]*$/.test(text) && keywordOf(text) === undefined
  return plain ? text : quote(text)
}

/** Types that PostgreSQL's grammar knows by a keyword of the same spelling. */
const keywordTypes: ReadonlySet<string> = new Set([
  'numeric',
  'bit',
  'varchar',
  'time',
  'timestamp',
  'interval',
])

export function printType(type: TypeName): string {
  const name = keywordTypes.has(type.name)
    ? type.name
    : type.name.split('.').map(printTypePart).join('.')
  const modifiers = type.modifiers.length === 0 ? '' : `(${type.modifiers.join(', ')})`
  const fields = type.fields === undefined ? '' : ` ${type.fields}`
  return `${name}${fields}${modifiers}${'[]'.repeat(type.arrayDimensions)}`
}

function printTypePart(part: string): string {
  const keyword = keywordOf(part)
  return keyword?.class === 'unreserved' ? part : printWord(part)
}

function quote(text: string): string {
  return `"${text.replaceAll('"', '""')}"`
}
