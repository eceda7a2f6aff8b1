/**
 * What was said of a column beyond its data type, for clients only: nothing is computed otherwise for it.
 * `numeric` of a decimal: its digits were declared, not found by computing.
 */
export type DeclaredType =
  | { readonly name: 'varchar' | 'bpchar' | 'bit' | 'varbit'; readonly charactersMax?: number }
  | { readonly name: OtherName }
  | { readonly name: 'numeric'; readonly precision: number; readonly scale: number }

/** Types of PostgreSQL's that are text, or numbers, to us. */
const otherNames = [
  'name',
  'char',
  'xid',
  'cid',
  'pg_node_tree',
  'pg_lsn',
  'aclitem',
  'anyarray',
  'inet',
] as const

export type OtherName = (typeof otherNames)[number]

export function isOtherName(name: string): name is OtherName {
  return otherNames.some((one) => one === name)
}

/** Whether nothing but such a name was declared. */
export function isOther(declared: DeclaredType): declared is { readonly name: OtherName } {
  return isOtherName(declared.name)
}

/** What such a type is called in messages. */
export function shownOther(name: OtherName): string {
  return name === 'char' ? '"char"' : name
}

/** What PostgreSQL prints of types that are declared with a length. */
export const limitedNames = {
  varchar: 'character varying',
  bpchar: 'character',
  bit: 'bit',
  varbit: 'bit varying',
} as const

/** What two columns have in common that become one; `same`: of one type in every respect. */
export function commonDeclared(
  left: DeclaredType | undefined,
  right: DeclaredType | undefined,
): DeclaredType | undefined {
  if (left === undefined || right === undefined || left.name !== right.name) return undefined
  return sameDeclared(left, right) ? left : withoutLimit(left)
}

export function sameDeclared(
  left: DeclaredType | undefined,
  right: DeclaredType | undefined,
): boolean {
  return JSON.stringify(left) === JSON.stringify(right)
}

/** As PostgreSQL names what has a limit in one place and none in another. */
export function withoutLimit(declared: DeclaredType): DeclaredType | undefined {
  return declared.name === 'numeric' ? undefined : { name: declared.name }
}
