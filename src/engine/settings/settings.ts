import { QueryError } from '../../base/errors.ts'
import { didYouMean } from '../../plan/catalog/suggest.ts'
import { ruleNames } from '../../plan/optimizer/rules/index.ts'
import { clientEncoding, dateStyle, extraFloatDigits, only, timeZone } from './locale-kinds.ts'
import { plannerHints } from './planner-hints.ts'
import { nameList, quotedName } from './search-path.ts'
import {
  anyText,
  integer,
  invalidValue,
  milliseconds,
  onOrOff,
  oneOf,
  printableText,
  type SettingKind,
} from './setting-kinds.ts'

export interface Setting extends SettingKind {
  /** In canonical form. */
  readonly initial: string
  readonly doc: string
  /** PostgreSQL's spelling, where it has capitals. */
  readonly shownName?: string
  /** Cannot be changed by SET. */
  readonly fixed?: boolean
  /** Taken though it has no use here: it changes how PostgreSQL runs, never what it answers. */
  readonly isHint?: boolean
  /** Takes several values; `names` are quoted where a name must be. */
  readonly list?: 'words' | 'names'
  /** Belongs to the transaction; begins as this setting of the session has it. */
  readonly transactionDefault?: string
}

const fixed = { ...anyText, expected: 'cannot be changed', fixed: true }

const isolationLevels = oneOf([
  'serializable',
  'repeatable read',
  'read committed',
  'read uncommitted',
])

const messageLevels = oneOf(
  'debug5 debug4 debug3 debug2 debug1 log notice warning error'.split(' '),
)

/** Names of optimizer rules, separated by commas. */
const rules: SettingKind = {
  expected: 'names of optimizer rules',
  read(text, name) {
    const names = text.split(',').map((part) => part.trim())
    const odd = names.find((part) => part !== '' && !ruleNames.includes(part))
    if (odd === undefined) return names.join(', ')
    throw invalidValue(name, odd, `Available values: ${ruleNames.join(', ')}.`)
  },
}

const noRole: SettingKind = {
  expected: 'none only',
  read(text) {
    if (text.toLowerCase() === 'none') return 'none'
    throw new QueryError('INVALID_PARAMETER_VALUE', `role "${text}" does not exist`)
  },
}

const timeout = integer(0, 2_147_483_647, milliseconds)

/** Every session setting except those that only hint at how to run. */
const ownSettings = {
  application_name: { initial: '', doc: 'Name the client gives itself.', ...printableText },
  bytea_output: {
    initial: 'hex',
    doc: 'How bytea is printed.',
    ...oneOf(['escape', 'hex'], ['hex']),
  },
  check_function_bodies: {
    initial: 'on',
    doc: 'There are no function bodies to check.',
    ...onOrOff(),
  },
  client_encoding: { initial: 'UTF8', doc: 'Encoding of all text.', ...clientEncoding },
  client_min_messages: {
    initial: 'notice',
    doc: 'The least severe notices that are sent.',
    ...messageLevels,
  },
  datestyle: {
    initial: 'ISO, MDY',
    doc: 'How dates are printed and read.',
    shownName: 'DateStyle',
    list: 'words',
    ...dateStyle,
  },
  default_table_access_method: { initial: 'heap', doc: 'There is one.', ...only('heap') },
  default_tablespace: { initial: '', doc: 'There are no tablespaces.', ...only('') },
  default_transaction_deferrable: {
    initial: 'off',
    doc: 'What transaction_deferrable is at first.',
    ...onOrOff(),
  },
  default_transaction_isolation: {
    initial: 'read committed',
    doc: 'What transaction_isolation is at first.',
    ...isolationLevels,
  },
  default_transaction_read_only: {
    initial: 'off',
    doc: 'What transaction_read_only is at first.',
    ...onOrOff(),
  },
  disabled_rules: {
    initial: '',
    doc: 'Optimizer rules not to use, separated by commas.',
    list: 'words',
    ...rules,
  },
  escape_string_warning: {
    initial: 'on',
    doc: 'Backslashes are letters in every plain string: nothing to warn of.',
    ...onOrOff(),
  },
  extra_float_digits: {
    initial: '1',
    doc: 'From 1 on floats print all the digits that they need.',
    ...extraFloatDigits,
  },
  idle_in_transaction_session_timeout: {
    initial: '0',
    doc: 'Sessions are not ended for waiting.',
    ...only('0'),
  },
  idle_session_timeout: {
    initial: '0',
    doc: 'Sessions are not ended for waiting.',
    ...only('0'),
  },
  intervalstyle: {
    initial: 'postgres',
    doc: 'How intervals are printed.',
    shownName: 'IntervalStyle',
    ...oneOf(['postgres', 'postgres_verbose', 'sql_standard', 'iso_8601']),
  },
  lc_messages: {
    initial: 'C',
    doc: 'Messages are in English.',
    ...only('C', 'POSIX', 'en_US.UTF-8'),
  },
  lc_monetary: { initial: 'C', doc: 'There is no type money.', ...only('C', 'POSIX') },
  lc_numeric: { initial: 'C', doc: 'How to_char prints numbers.', ...only('C', 'POSIX') },
  lc_time: { initial: 'C', doc: 'Names of days and months.', ...only('C', 'POSIX') },
  lock_timeout: { initial: '0', doc: 'No statement ever waits for a lock.', ...timeout },
  quote_all_identifiers: {
    initial: 'off',
    doc: 'Names are quoted where needed.',
    ...onOrOff('off'),
  },
  role: { initial: 'none', doc: 'There are no roles to take on.', ...noRole },
  row_security: { initial: 'on', doc: 'There are no policies for rows.', ...onOrOff() },
  search_path: {
    initial: 'public',
    doc: 'Schemas to look names up in.',
    list: 'names',
    ...nameList,
  },
  session_authorization: {
    initial: 'heddle',
    doc: 'The user of the session.',
    expected: 'the name it has',
    read(text: string): string {
      const message = `role "${text}" does not exist`
      throw new QueryError('INVALID_PARAMETER_VALUE', message)
    },
  },
  server_encoding: { initial: 'UTF8', doc: 'Always UTF8.', ...fixed },
  server_version: { initial: '15.0', doc: 'The PostgreSQL version that is spoken.', ...fixed },
  server_version_num: { initial: '150000', doc: 'The same, as a number.', ...fixed },
  integer_datetimes: { initial: 'on', doc: 'Timestamps are whole microseconds.', ...fixed },
  memory_limit: {
    initial: '',
    doc: 'Bytes that tables and queries may take together in this process; set when the engine starts.',
    ...fixed,
  },
  max_temp_directory_size: {
    initial: '',
    doc: 'Bytes that files of temp_directory may take; empty for 90 % of what its disk has free.',
    ...fixed,
  },
  temp_directory: {
    initial: '',
    doc: 'Where rows wait in files that memory has no room for; set when the engine starts.',
    ...fixed,
  },
  max_identifier_length: { initial: '63', doc: 'As PostgreSQL has it.', ...fixed },
  standard_conforming_strings: {
    initial: 'on',
    doc: 'Backslashes are letters in plain strings.',
    ...onOrOff('on'),
  },
  statement_timeout: {
    initial: '0',
    doc: 'Time after which a statement is cancelled; 0: never.',
    ...timeout,
  },
  timezone: {
    initial: 'UTC',
    doc: 'Time zone of timestamptz.',
    shownName: 'TimeZone',
    ...timeZone,
  },
  transaction_deferrable: {
    initial: 'off',
    doc: 'Every snapshot is safe at once: nothing to defer.',
    transactionDefault: 'default_transaction_deferrable',
    ...onOrOff(),
  },
  transaction_isolation: {
    initial: 'read committed',
    doc:
      'From repeatable read on, all queries read the snapshot of the first; serializable ' +
      'transactions that write fail with 40001 when another one committed meanwhile.',
    transactionDefault: 'default_transaction_isolation',
    ...isolationLevels,
  },
  transaction_read_only: {
    initial: 'off',
    doc: 'Refuse statements that change tables or other objects.',
    transactionDefault: 'default_transaction_read_only',
    ...onOrOff(),
  },
  transform_null_equals: { initial: 'off', doc: '`= NULL` is never true.', ...onOrOff('off') },
} as const satisfies Readonly<Record<string, Setting>>

export const settings = { ...ownSettings, ...plannerHints } as const

export type SettingName = keyof typeof settings

const byName: Readonly<Record<string, Setting>> = settings

/** The setting that a name means; undefined for names with a dot, which are the user's own. */
export function settingNamed(name: string): Setting | undefined {
  const folded = name.toLowerCase()
  return Object.hasOwn(byName, folded) ? byName[folded] : undefined
}

/** A setting's name as SHOW heads its column. */
export function shownSettingName(name: string): string {
  return settingNamed(name)?.shownName ?? name.toLowerCase()
}

/** What was set at a savepoint: for the session, and for the transaction. */
export interface SettingsMark {
  readonly values: ReadonlyMap<string, string>
  readonly local: ReadonlyMap<string, string>
}

/**
 * The settings of one session. What is set in a transaction is undone with it; what is set `local` ends
 * with it.
 */
export class SessionSettings {
  /** What the session began with, and RESET brings back. */
  readonly #initial = new Map<string, string>()
  #values: ReadonlyMap<string, string> = new Map()
  /** Of the open transaction. */
  readonly #local = new Map<string, string>()
  /** The values before the open transaction; undefined when there is none. */
  #before: ReadonlyMap<string, string> | undefined
  /** Names with a dot that were ever set: SHOW knows them even without a value. */
  readonly #custom = new Set<string>()
  #version = 0
  /** Of the version: every statement asks for some. */
  readonly #asked = new Map<SettingName, string>()

  /** Another one after every change. */
  get version(): number {
    return this.#version
  }

  /** The canonical value. */
  get(name: SettingName): string {
    const asked = this.#asked.get(name)
    if (asked !== undefined) return asked
    const value = this.#value(name) ?? byName[name]!.initial
    this.#asked.set(name, value)
    return value
  }

  /** The value of a setting by the name that a user wrote, as SHOW prints it. */
  show(name: string): string {
    const known = this.#knownName(name)
    const value = this.#value(known) ?? settingNamed(known)?.initial ?? ''
    return settingNamed(known)?.show?.(value) ?? value
  }

  /** As {@link show}, undefined where there is no setting of the name. */
  find(name: string): string | undefined {
    return this.#isKnown(name.toLowerCase()) ? this.show(name) : undefined
  }

  /** Sets, or with `value` undefined resets. Errors: UNDEFINED_OBJECT, and what the setting says. */
  set(name: string, value: string | undefined): void {
    const [known, parsed] = this.#parsed(name, value)
    this.#changed()
    if (settingNamed(known)?.transactionDefault !== undefined) {
      this.#setForTransaction(known, parsed)
      return
    }
    this.#local.delete(known)
    const values = new Map(this.#values)
    if (parsed === undefined) values.delete(known)
    else values.set(known, parsed)
    this.#values = values
  }

  /** Sets until the end of the transaction that is open, or of the statement where none is. */
  setLocal(name: string, value: string | undefined): void {
    const [known, parsed] = this.#parsed(name, value)
    this.#changed()
    if (settingNamed(known)?.transactionDefault !== undefined) {
      this.#setForTransaction(known, parsed)
    } else {
      const initial = this.#initial.get(known) ?? settingNamed(known)?.initial ?? ''
      this.#local.set(known, parsed ?? initial)
    }
  }

  /** The value that the session begins with, and that RESET gives back: not the user's to refuse. */
  start(name: SettingName, value: string): void {
    const { fixed: isFixed, read } = byName[name]!
    const own = name === 'session_authorization' || isFixed === true
    this.#changed()
    this.#initial.set(name, own ? value : read(value, shownSettingName(name)))
  }

  /** As {@link start}, of what a client says when it comes; the errors are those of {@link set}. */
  startAs(name: string, value: string): void {
    const [known, parsed] = this.#parsed(name, value)
    this.#changed()
    if (parsed !== undefined) this.#initial.set(known, parsed)
  }

  /** What is set now, to come back to by {@link undoTo} when the statement fails that sets more. */
  get mark(): ReadonlyMap<string, string> {
    return this.#values
  }

  undoTo(mark: ReadonlyMap<string, string>): void {
    if (this.#values === mark) return
    this.#changed()
    this.#values = mark
  }

  /** What is set now and in the open transaction, to come back to by {@link backTo}. */
  get savepoint(): SettingsMark {
    return { values: this.#values, local: new Map(this.#local) }
  }

  backTo({ values, local }: SettingsMark): void {
    this.#changed()
    this.#values = values
    this.#local.clear()
    for (const [name, value] of local) this.#local.set(name, value)
  }

  resetAll(): void {
    this.#changed()
    this.#values = new Map()
    this.#local.clear()
    if (this.#before !== undefined) this.#startTransactionSettings()
  }

  /** Names, values as SHOW prints them, and what they mean, by name. */
  all(): readonly (readonly [string, string, string])[] {
    const names = Object.keys(settings) as SettingName[]
    return names
      .map((name) => [shownSettingName(name), this.show(name), byName[name]!.doc] as const)
      .toSorted(([a], [b]) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1))
  }

  beginTransaction(): void {
    this.#changed()
    this.#before = this.#values
    this.#startTransactionSettings()
  }

  endTransaction(outcome: 'committed' | 'rolled back'): void {
    this.#changed()
    if (outcome === 'rolled back' && this.#before !== undefined) this.#values = this.#before
    this.#before = undefined
    this.#local.clear()
  }

  /** A statement on its own is a transaction of its own. */
  endStatement(): void {
    if (this.#before !== undefined || this.#local.size === 0) return
    this.#changed()
    this.#local.clear()
  }

  #changed(): void {
    this.#version++
    this.#asked.clear()
  }

  #startTransactionSettings(): void {
    for (const [name, { transactionDefault }] of Object.entries(byName)) {
      if (transactionDefault === undefined) continue
      this.#local.set(name, this.get(transactionDefault as SettingName))
    }
  }

  /** Outside of a transaction it would hold for the statement that sets it, and for no other. */
  #setForTransaction(name: string, value: string | undefined): void {
    if (this.#before === undefined) return
    const initial = byName[name]!.transactionDefault as SettingName
    this.#local.set(name, value ?? this.get(initial))
  }

  #value(name: string): string | undefined {
    const set = this.#local.get(name) ?? this.#values.get(name) ?? this.#initial.get(name)
    if (set !== undefined) return set
    const initial = settingNamed(name)?.transactionDefault
    return initial === undefined ? undefined : this.get(initial as SettingName)
  }

  #parsed(name: string, value: string | undefined): [string, string | undefined] {
    const known = settableName(name)
    const setting = settingNamed(known)
    if (setting === undefined) {
      this.#custom.add(known)
      return [known, value]
    }
    const shown = shownSettingName(known)
    if (setting.fixed === true) {
      throw new QueryError('CANNOT_CHANGE_PARAMETER', `parameter "${shown}" cannot be changed`)
    }
    if (value === undefined) return [known, undefined]
    const same = known === 'session_authorization' && value === this.get(known)
    if (same) return [known, value]
    return [known, setting.read(value, shown, this.#value(known) ?? setting.initial)]
  }

  #knownName(name: string): string {
    const folded = name.toLowerCase()
    if (this.#isKnown(folded)) return folded
    throw unrecognized(name)
  }

  #isKnown(folded: string): boolean {
    return settingNamed(folded) !== undefined || this.#custom.has(folded)
  }
}

const customName = /^[\p{L}_][\p{L}\p{N}_$]*(?:\.[\p{L}_][\p{L}\p{N}_$]*)+$/u

/** The name of a setting that there is, or one of the user's own: with a dot. */
function settableName(name: string): string {
  if (settingNamed(name) === undefined && !name.includes('.')) throw unrecognized(name)
  if (settingNamed(name) === undefined && !customName.test(name)) {
    throw new QueryError('INVALID_NAME', `invalid configuration parameter name "${name}"`, {
      detail: 'Custom parameter names must be two or more simple identifiers separated by dots.',
    })
  }
  return name.toLowerCase()
}

function unrecognized(name: string): QueryError {
  return new QueryError(
    'UNDEFINED_OBJECT',
    `unrecognized configuration parameter "${name}"`,
    didYouMean(name.toLowerCase(), Object.keys(settings)),
  )
}

/** The text that a list of values given to SET stands for. Errors: INVALID_PARAMETER_VALUE. */
export function listedValue(name: string, values: readonly string[]): string {
  const list = settingNamed(name)?.list
  const [first = ''] = values
  if (list === undefined && values.length > 1) {
    const message = `SET ${name.toLowerCase()} takes only one argument`
    throw new QueryError('INVALID_PARAMETER_VALUE', message)
  }
  if (list === undefined) return first
  return values.map((value) => (list === 'names' ? quotedName(value) : value)).join(', ')
}
