import { isTemporarySchema } from '../../plan/catalog/schemas.ts'
import { DATABASE_NAME } from './catalog-names.ts'
import type { Surroundings } from './surroundings.ts'

/** Names of the session's user. */
const userFunctions: ReadonlySet<string> = new Set([
  'user',
  'current_user',
  'session_user',
  'current_role',
])

/** The value of a function without arguments that belongs to the session, as `current_user`. */
export function sessionValue(
  { settings, settled }: Surroundings,
  name: string,
): string | undefined {
  if (userFunctions.has(name)) return settled.user
  switch (name) {
    case 'version':
      return `PostgreSQL ${settings.get('server_version')} (Heddle)`
    case 'current_schema':
      return settled.searchPath.find((schema) => !isTemporarySchema(schema)) ?? ''
    case 'current_database':
    case 'current_catalog':
      return DATABASE_NAME
  }
  return undefined
}
