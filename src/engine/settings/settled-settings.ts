import type { SearchPath } from '../../plan/catalog/schemas.ts'
import { localeOfSettings } from './locale-settings.ts'
import type { Locale } from '../../data/types/datetime/locale.ts'
import { namesOf } from './search-path.ts'
import type { SessionSettings } from './settings.ts'

/** What every statement wants to know of the settings, while they are as they are. */
export interface SettledSettings {
  /** Of the settings that it was made of. */
  readonly version: number
  /** Where names are looked for, the session's own schema of temporary objects first. */
  readonly searchPath: SearchPath
  /** The surroundings of plans that were made in the hope of few digits, and of those with room for all. */
  readonly inHope: string
  readonly exact: string
  /** 0: none. */
  readonly timeoutMs: number
  readonly user: string
  /** How dates and times are read and written. */
  readonly locale: Locale
  /** Rules of the optimizer that are left out. */
  readonly disabledRules: ReadonlySet<string>
}

export function settle(
  settings: SessionSettings,
  workers: number,
  temporarySchema: string,
): SettledSettings {
  const path = namesOf(settings.get('search_path'))
  const rules = settings.get('disabled_rules').split(',')
  const names = [
    'search_path',
    'timezone',
    'datestyle',
    'intervalstyle',
    'disabled_rules',
    'session_authorization',
  ] as const
  const planned = [workers, ...names.map((name) => settings.get(name))]
  return {
    version: settings.version,
    searchPath: [temporarySchema, ...path.filter((name) => name !== '$user')],
    inHope: JSON.stringify([true, ...planned]),
    exact: JSON.stringify([false, ...planned]),
    timeoutMs: Number(settings.get('statement_timeout')),
    user: settings.get('session_authorization'),
    locale: localeOfSettings(settings),
    disabledRules: new Set(rules.map((name) => name.trim()).filter((name) => name !== '')),
  }
}
