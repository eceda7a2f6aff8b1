import { QueryError } from '../base/errors.ts'
import { didYouMean } from '../plan/catalog/suggest.ts'

interface Setting {
  readonly initial: string
  readonly doc: string
  /** Gives the value in its canonical form, or undefined when it is not acceptable. */
  parse(text: string): string | undefined
  readonly expected: string
  /** Cannot be changed by SET. */
  readonly fixed?: boolean
}

const anyText = { parse: (text: string) => text, expected: 'text' }

function oneOf(...allowed: readonly string[]): Pick<Setting, 'parse' | 'expected'> {
  return {
    parse: (text) => allowed.find((value) => value.toLowerCase() === text.toLowerCase()),
    expected: `one of ${allowed.join(', ')}`,
  }
}

function integerFrom(min: number, max: number): Pick<Setting, 'parse' | 'expected'> {
  return {
    parse(text) {
      const value = Number(text)
      return Number.isInteger(value) && value >= min && value <= max ? String(value) : undefined
    },
    expected: `an integer from ${min} to ${max}`,
  }
}

const unitsMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

/** PostgreSQL's durations: a number of milliseconds, or a number with ms, s, min, h or d. */
function durationMs(text: string): string | undefined {
  const match = /^\s*(\d+(?:\.\d+)?)\s*(ms|s|min|h|d)?\s*$/.exec(text)
  if (match === null) return undefined
  const value = Math.round(Number(match[1]) * (unitsMs[match[2] ?? 'ms'] ?? 1))
  return value < 2 ** 31 ? String(value) : undefined
}

const booleans: ReadonlyMap<string, 'on' | 'off'> = new Map([
  ...['on', 'true', 'yes', '1'].map((word) => [word, 'on'] as const),
  ...['off', 'false', 'no', '0'].map((word) => [word, 'off'] as const),
])

const onOrOff = { parse: (text: string) => booleans.get(text.toLowerCase()), expected: 'on or off' }

const fixed = { ...anyText, fixed: true }

/** Every session setting. Those that clients of PostgreSQL set at start-up are accepted. */
export const settings = {
  application_name: { initial: '', doc: 'Name the client gives itself.', ...anyText },
  bytea_output: { initial: 'hex', doc: 'How bytea is printed.', ...oneOf('hex') },
  client_encoding: { initial: 'UTF8', doc: 'Always UTF8.', ...oneOf('UTF8', 'UTF-8', 'unicode') },
  client_min_messages: { initial: 'notice', doc: 'Accepted.', ...anyText },
  datestyle: { initial: 'ISO, MDY', doc: 'Dates are printed in ISO form.', ...anyText },
  default_transaction_read_only: {
    initial: 'off',
    doc: 'Refuse statements that change tables or other objects.',
    ...onOrOff,
  },
  disabled_rules: {
    initial: '',
    doc: 'Optimizer rules not to use, separated by commas.',
    ...anyText,
  },
  idle_in_transaction_session_timeout: {
    initial: '0',
    doc: 'Accepted.',
    parse: durationMs,
    expected: 'a duration',
  },
  extra_float_digits: { initial: '1', doc: 'Accepted.', ...integerFrom(-15, 3) },
  intervalstyle: { initial: 'postgres', doc: 'How intervals print.', ...oneOf('postgres') },
  lock_timeout: { initial: '0', doc: 'Accepted.', parse: durationMs, expected: 'a duration' },
  row_security: { initial: 'on', doc: 'Accepted.', ...onOrOff },
  search_path: { initial: 'public', doc: 'Schemas to look names up in.', ...anyText },
  session_authorization: { initial: 'heddle', doc: 'Accepted.', ...anyText },
  server_encoding: { initial: 'UTF8', doc: 'Always UTF8.', ...fixed },
  server_version: { initial: '15.0', doc: 'The PostgreSQL version that is spoken.', ...fixed },
  server_version_num: { initial: '150000', doc: 'The same, as a number.', ...fixed },
  standard_conforming_strings: { initial: 'on', doc: 'Always on.', ...oneOf('on') },
  statement_timeout: {
    initial: '0',
    doc: 'Milliseconds after which a statement is cancelled; 0: never.',
    parse: durationMs,
    expected: 'a duration such as 500, 30s or 5min',
  },
  timezone: { initial: 'UTC', doc: 'Time zone of timestamptz.', ...oneOf('UTC', 'GMT', 'Etc/UTC') },
  transaction_isolation: { initial: 'read committed', doc: 'Accepted.', ...anyText },
} as const satisfies Readonly<Record<string, Setting>>

export type SettingName = keyof typeof settings

/** The settings of one session. */
export class SessionSettings {
  readonly #values = new Map<SettingName, string>()

  get(name: SettingName): string {
    return this.#values.get(name) ?? settings[name].initial
  }

  /** Looks a setting up by the name a user wrote. */
  show(name: string): string {
    return this.get(nameOf(name))
  }

  /** Sets, or with `value` undefined resets. Throws UNDEFINED_OBJECT, INVALID_PARAMETER_VALUE. */
  set(name: string, value: string | undefined): void {
    const known = nameOf(name)
    if (value === undefined) {
      this.#values.delete(known)
      return
    }
    const setting: Setting = settings[known]
    const parsed = setting.fixed === true ? undefined : setting.parse(value)
    if (parsed === undefined) throw refused(known, value, setting)
    this.#values.set(known, parsed)
  }

  resetAll(): void {
    this.#values.clear()
  }

  all(): readonly (readonly [SettingName, string, string])[] {
    const names = Object.keys(settings) as SettingName[]
    return names.map((name) => [name, this.get(name), settings[name].doc])
  }
}

function nameOf(name: string): SettingName {
  const folded = name.toLowerCase().replaceAll(' ', '')
  if (folded in settings) return folded as SettingName
  throw new QueryError(
    'UNDEFINED_OBJECT',
    `unrecognized configuration parameter "${name}"`,
    didYouMean(folded, Object.keys(settings)),
  )
}

function refused(name: string, value: string, setting: Setting): QueryError {
  const message =
    setting.fixed === true
      ? `parameter "${name}" cannot be changed`
      : `invalid value for parameter "${name}": "${value}"`
  return new QueryError('INVALID_PARAMETER_VALUE', message, {
    expected: setting.expected,
    found: value,
  })
}
