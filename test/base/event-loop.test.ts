import { expect, test } from 'vitest'
import { SLICE_MS, EventLoop } from '../../src/base/event-loop.ts'

/** A loop that turns when told, and a clock that stands still. */
function world() {
  let now = 0
  const due: (() => void)[] = []
  const turns = new EventLoop({ nowMs: () => now, wallMicros: () => 0n }, (go) => void due.push(go))
  return {
    turns,
    pass: (ms: number): void => void (now += ms),
    /** One turn of the loop, and all that follows from it at once. */
    async turn(): Promise<number> {
      const [go] = due.splice(0, 1)
      go?.()
      await new Promise<void>((resolve) => setImmediate(resolve))
      return due.length
    },
  }
}

test('a slice is over when its time is, and begins anew after a turn', async () => {
  const { turns, pass, turn } = world()
  const slice = turns.slice()
  pass(SLICE_MS - 1)
  expect(slice.isOver).toBe(false)
  pass(1)
  expect(slice.isOver).toBe(true)
  const next = slice.next()
  pass(100)
  await turn()
  await next
  expect(slice.isOver).toBe(false)
})

test('each turn of the loop lets one go on, in order of coming', async () => {
  const { turns, turn } = world()
  const order: string[] = []
  const work = async (name: string): Promise<void> => {
    for (let piece = 1; piece <= 3; piece++) {
      await turns.next()
      order.push(`${name}${piece}`)
    }
  }
  const all = Promise.all([work('a'), work('b'), work('c')])
  const seen: number[] = []
  for (let left = 1; left > 0;) {
    left = await turn()
    seen.push(order.length)
  }
  await all
  expect(order).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'c2', 'a3', 'b3', 'c3'])
  expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
})
