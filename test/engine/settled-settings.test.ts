import { expect, test } from 'vitest'
import { settle } from '../../src/engine/settings/settled-settings.ts'
import { SessionSettings } from '../../src/engine/settings/settings.ts'

type Change = (settings: SessionSettings) => void

const setTo =
  (value: string | undefined): Change =>
  (settings) =>
    settings.set('search_path', value)
const begin: Change = (settings) => settings.beginTransaction()
const commit: Change = (settings) => settings.endTransaction('committed')
const rollBack: Change = (settings) => settings.endTransaction('rolled back')
const setLocal: Change = (settings) => settings.setLocal('search_path', 'local')
const resetAll: Change = (settings) => settings.resetAll()
const start: Change = (settings) => settings.start('search_path', 'begun')

const cases: readonly [string, readonly [Change, string][]][] = [
  [
    'set and reset',
    [
      [setTo('a'), 'a'],
      [setTo('b'), 'b'],
      [setTo(undefined), 'public'],
    ],
  ],
  [
    'reset all',
    [
      [setTo('a'), 'a'],
      [resetAll, 'public'],
    ],
  ],
  [
    'set for a transaction',
    [
      [begin, 'public'],
      [setLocal, 'local'],
      [commit, 'public'],
    ],
  ],
  [
    'rolled back',
    [
      [begin, 'public'],
      [setTo('a'), 'a'],
      [rollBack, 'public'],
    ],
  ],
  [
    'committed',
    [
      [begin, 'public'],
      [setTo('a'), 'a'],
      [commit, 'a'],
    ],
  ],
  [
    'begun with',
    [
      [start, 'begun'],
      [setTo('a'), 'a'],
      [setTo(undefined), 'begun'],
    ],
  ],
]

test.each(cases)('what is asked is what was changed last: %s', (_, steps) => {
  const settings = new SessionSettings()
  expect(settle(settings, 1, 't').searchPath).toEqual(['t', 'public'])
  for (const [change, expected] of steps) {
    const before = settings.version
    change(settings)
    expect(settings.version).not.toBe(before)
    expect(settings.get('search_path')).toBe(expected)
    expect(settle(settings, 1, 't').searchPath).toEqual(['t', expected])
  }
})

test('a transaction begins with the defaults of its session', () => {
  const settings = new SessionSettings()
  expect(settings.get('transaction_read_only')).toBe('off')
  settings.set('default_transaction_read_only', 'on')
  expect(settings.get('transaction_read_only')).toBe('on')
  settings.beginTransaction()
  settings.set('transaction_read_only', 'off')
  expect(settings.get('transaction_read_only')).toBe('off')
  settings.endTransaction('committed')
  expect(settings.get('transaction_read_only')).toBe('on')
})
