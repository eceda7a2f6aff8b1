import { keywordOf } from '../../sql/lexer/token.ts'
import { QueryError } from '../../base/errors.ts'
import { invalidValue, type SettingKind } from './setting-kinds.ts'

/** Names with commas between them, those in quotes that are no plain words. */
export const nameList: SettingKind = {
  expected: 'names, separated by commas',
  read(text, name) {
    const one = String.raw`\s*(?:"(?:[^"]|"")+"|[^\s",][^\s,]*)\s*`
    if (new RegExp(`^(?:${one}(?:,${one})*|\\s*)$`).test(text)) return text
    const { code, message } = invalidValue(name, text)
    throw new QueryError(code, message, { detail: 'List syntax is invalid.' })
  },
}

/** A name as PostgreSQL writes it (`quote_identifier`): in quotes unless it is a plain word of small letters, and no keyword that says something. */
export function quotedName(name: string): string {
  const { class: keywordClass = 'unreserved' } = keywordOf(name) ?? {}
  const plain = /^[a-z_][a-z0-9_]*$/.test(name)
  return plain && keywordClass === 'unreserved' ? name : `"${name.replaceAll('"', '""')}"`
}

/** The names of a list as SET keeps it: `"a b", c`. */
export function namesOf(list: string): readonly string[] {
  const names: string[] = []
  for (const [, quoted, plain] of list.matchAll(/\s*(?:"((?:[^"]|"")*)"|([^",]+))\s*(?:,|$)/g)) {
    const name = quoted?.replaceAll('""', '"') ?? plain?.trim().toLowerCase() ?? ''
    if (name !== '') names.push(name)
  }
  return names
}
