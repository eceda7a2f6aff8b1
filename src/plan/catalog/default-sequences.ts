import type { EntryName } from './catalog.ts'
import { nameInText, textOfName } from './name-text.ts'

/** `nextval('s')`, with or without what PostgreSQL adds. */
const drawn = /\bnextval\s*\(\s*'((?:[^']|'')+)'(?:\s*::\s*regclass)?\s*\)/gi

/** The default of a column that a sequence numbers. */
export function defaultOf(sequence: EntryName): string {
  return `nextval('${textOfName(sequence).replaceAll("'", "''")}'::regclass)`
}

/** The sequences that a default takes numbers of, by their names with schemas. */
export function sequencesIn(text: string | undefined): readonly EntryName[] {
  return [...(text?.matchAll(drawn) ?? [])].flatMap(([, name]) => {
    const { schema, name: last } = nameInText((name ?? '').replaceAll("''", "'"))
    return schema === undefined ? [] : [{ schema, name: last }]
  })
}

/** A default with other names of sequences; `to` gives undefined for what stays. */
export function withSequences(
  text: string,
  to: (written: string) => EntryName | undefined,
): string {
  return text.replaceAll(drawn, (whole, name: string) => {
    const sequence = to(name.replaceAll("''", "'"))
    return sequence === undefined ? whole : defaultOf(sequence)
  })
}

/** Whether a default takes numbers of a sequence. */
export function takesOf(text: string | undefined, { schema, name }: EntryName): boolean {
  return sequencesIn(text).some((one) => one.schema === schema && one.name === name)
}
