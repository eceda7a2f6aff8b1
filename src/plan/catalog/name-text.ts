import { QueryError } from '../../base/errors.ts'
import { keywordOf } from '../../sql/lexer/token.ts'
import type { EntryName } from './catalog.ts'
import type { ObjectName } from './schemas.ts'

/** A name of a relation as a text has it: `s."A b"`. Errors: INVALID_NAME. */
export function nameInText(text: string): ObjectName {
  const one = String.raw`\s*(?:"((?:[^"]|"")+)"|([^\s".]+))\s*`
  const found = new RegExp(`^(?:${one}\\.)?${one}$`).exec(text)
  if (found === null) throw new QueryError('INVALID_NAME', 'invalid name syntax')
  const [, quotedSchema, schema, quotedName, name] = found
  const plain = (quoted: string | undefined, word: string | undefined): string | undefined =>
    quoted?.replaceAll('""', '"') ?? word?.toLowerCase()
  return { schema: plain(quotedSchema, schema), name: plain(quotedName, name) ?? '' }
}

/** A name with its schema, as {@link nameInText} reads it. */
export function textOfName({ schema, name }: EntryName): string {
  return `${identifierText(schema)}.${identifierText(name)}`
}

/** A name as any text may have it: in quotes unless it is a plain word that says nothing else. */
export function identifierText(word: string): string {
  const isPlain = /^[a-z_][a-z0-9_]*$/.test(word) && keywordOf(word) === undefined
  return isPlain ? word : `"${word.replaceAll('"', '""')}"`
}
