import { describe, expect, test } from 'vitest'
import { decodeMessage, encodeMessage } from '../../src/cluster/comm/codec.ts'
import type { Received } from '../../src/cluster/comm/checks.ts'
import { checkWork, decodeContexts, encodeContexts } from '../../src/cluster/task-codecs.ts'
import { builtInFunctions } from '../../src/functions/built-in.ts'
import { shapedPlan } from './plans.ts'

/** As it comes out at the other end of a connection. */
function sent(value: unknown): Received {
  return decodeMessage(encodeMessage(value)) as Received
}

describe('tasks of other processes', () => {
  const refused: readonly (readonly [string, Received])[] = [
    ['no kind', { stage: 0, partition: 0 }],
    ['an unknown kind', { kind: 'shell', stage: 0, partition: 0 }],
    ['the name of what every object has', { kind: 'constructor', stage: 0, partition: 0 }],
    ['a kind that is no text', { kind: ['fragment'], stage: 0, partition: 0 }],
    ['a negative stage', { kind: 'fragment', stage: -1, partition: 0 }],
    ['half a partition', { kind: 'fragment', stage: 0, partition: 0.5 }],
    ['no partition', { kind: 'fragment', stage: 0 }],
    ['a call without arguments', { kind: 'function', fn: 0 }],
    ['a call of no number', { kind: 'function', fn: 'eval', args: new Uint8Array(1) }],
  ]
  for (const [what, work] of refused) {
    test(`${what} is refused`, () => {
      expect(() => checkWork(sent(work))).toThrow(
        expect.objectContaining({ code: 'PROTOCOL_VIOLATION' }),
      )
    })
  }

  test('nothing but what its kind knows of is taken over', () => {
    const work = { kind: 'fragment', stage: 3, partition: 4, source: 'process.exit(1)' }
    expect(checkWork(sent(work))).toEqual({ kind: 'fragment', stage: 3, partition: 4 })
  })

  test('a query arrives with its plan, and without what only its client knows', () => {
    const plan = shapedPlan([{ partitions: 2 }, { partitions: 1, inputs: [0] }])
    const query = { queryId: 'q', plan, endsAtMs: 7, noted: () => {} }
    const contexts = sent(encodeContexts({ fragment: query })) as Readonly<Record<string, Received>>
    const { fragment } = decodeContexts(contexts, builtInFunctions)
    expect(Object.keys(fragment!)).toEqual(['queryId', 'plan'])
    expect(fragment!.queryId).toBe('q')
    expect(fragment!.plan.stages.map(({ partitions }) => partitions)).toEqual([2, 1])
  })

  test('functions arrive as texts and names of modules, and nothing else of them', () => {
    const functions = [
      { kind: 'source', name: 'f', text: '(x) => x' },
      { kind: 'module', name: 'g', url: 'file:///g.mjs' },
    ] as const
    const loaded = functions.map((code) => ({ ...code, main: true }))
    const contexts = sent(encodeContexts({ function: { functions: loaded } }))
    const received = decodeContexts(contexts as never, builtInFunctions)
    expect(received).toEqual({ function: { functions } })
    const call = { kind: 'function', fn: 1, args: Uint8Array.of(10, 0) }
    expect(checkWork(sent({ ...call, signal: 9 }))).toEqual(call)
  })

  const contexts: readonly (readonly [string, Readonly<Record<string, Received>>])[] = [
    ['of an unknown kind', { shell: {} }],
    ['without functions', { function: {} }],
    [
      'with a module of the network',
      { function: { functions: [{ kind: 'module', name: 'f', url: 'http://x/f.mjs' }] } },
    ],
    [
      'with a function of an unknown kind',
      { function: { functions: [{ kind: 'bytes', name: 'f' }] } },
    ],
    ['without a plan', { fragment: { queryId: 'q' } }],
    ['with a plan that cannot be read', { fragment: { queryId: 'q', plan: new Uint8Array(3) } }],
    ['with a name without end', { fragment: { queryId: 'q'.repeat(1_001) } }],
  ]
  for (const [what, context] of contexts) {
    test(`a graph ${what} is refused`, () => {
      expect(() => decodeContexts(context, builtInFunctions)).toThrow(
        expect.objectContaining({ code: 'PROTOCOL_VIOLATION' }),
      )
    })
  }
})
