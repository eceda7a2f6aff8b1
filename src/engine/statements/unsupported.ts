import { notSupported } from '../../base/errors.ts'
import type { UnsupportedStatement } from '../../sql/ast/statement.ts'
import type { StatementEntry } from './entry.ts'

/** A statement of PostgreSQL's that is not offered: it raises, described or run. */
export const unsupportedEntry: StatementEntry<UnsupportedStatement> = {
  tag: ({ what }) => what,
  looks: () => false,
  writes: 'no',
  describe: refuse,
  run: refuse,
}

function refuse(_: unknown, { what, span }: UnsupportedStatement): never {
  throw notSupported(what, span)
}
