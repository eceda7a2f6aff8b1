import { expect, test } from 'vitest'
import { EventLoop, TURN_MS } from '../../src/base/event-loop.ts'

/** A loop that turns when told, and a clock that stands still. */
function world() {
  let now = 0
  const due: (() => void)[] = []
  const turns = new EventLoop({ nowMs: () => now }, (go) => void due.push(go))
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

test('a turn is over when its time is, whoever worked in it, and begins anew', async () => {
  const { turns, pass, turn } = world()
  expect(turns.isOver).toBe(false)
  pass(TURN_MS - 1)
  expect(turns.isOver).toBe(false)
  pass(1)
  expect(turns.isOver).toBe(true)
  const next = turns.next()
  pass(100)
  await turn()
  await next
  expect(turns.isOver).toBe(false)
  pass(TURN_MS)
  expect(turns.isOver).toBe(true)
  await turn()
  // Nobody waited: the loop has turned all the same.
  expect(turns.isOver).toBe(false)
})

test('what comes in goes on before what waits, and in turns with it', async () => {
  const { turns, turn } = world()
  const order: string[] = []
  const waits = ['a', 'b', 'c'].map((name) => turns.next().then(() => order.push(name)))
  const enters = ['x', 'y'].map((name) => turns.enter().then(() => order.push(name)))
  for (let left = 1; left > 0;) left = await turn()
  await Promise.all([...waits, ...enters])
  expect(order).toEqual(['x', 'a', 'y', 'b', 'c'])
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
