/**
 * What was said of a column beyond its data type, for clients only: nothing is computed otherwise for it.
 * `numeric` of a decimal: its digits were declared, not found by computing.
 */
export type DeclaredType =
  | { readonly name: 'varchar' | 'bpchar' | 'bit' | 'varbit'; readonly charactersMax?: number }
  | { readonly name: 'name' }
  | { readonly name: 'numeric'; readonly precision: number; readonly scale: number }

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
