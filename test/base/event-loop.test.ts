import { expect, test } from 'vitest'
import { EventLoop, TURN_MS, type LoopShare } from '../../src/base/event-loop.ts'

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
  const next = turns.share().next()
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

/** Something that has had more of the loop than a turn. */
function long({ turns, pass }: ReturnType<typeof world>): LoopShare {
  const share = turns.share()
  pass(TURN_MS)
  return share
}

test('what has had less than a turn goes on before what has had more, which has one turn in five', async () => {
  const given = world()
  const order: string[] = []
  const waits = ['a', 'b', 'c'].map((name) =>
    long(given)
      .next()
      .then(() => order.push(name)),
  )
  const enters = ['1', '2', '3', '4', '5', '6'].map((name) =>
    given.turns
      .share()
      .next()
      .then(() => order.push(name)),
  )
  for (let left = 1; left > 0;) left = await given.turn()
  await Promise.all([...waits, ...enters])
  expect(order.join('')).toBe('1234a56bc')
})

test('what others had while one waited does not make it long', async () => {
  const given = world()
  const order: string[] = []
  const all: Promise<unknown>[] = []
  const wait = (share: LoopShare, name: string): void => {
    all.push(share.next().then(() => order.push(name)))
  }
  const share = given.turns.share()
  for (let turn = 0; turn < 3; turn++) {
    const other = long(given)
    wait(other, `long ${turn}`)
    if (turn === 0) wait(other, 'long again')
    await given.turn()
  }
  wait(share, 'brief')
  for (let left = 1; left > 0;) left = await given.turn()
  await Promise.all(all)
  expect(order).toEqual(['long 0', 'long again', 'long 1', 'brief', 'long 2'])
})

test('each turn of the loop lets one go on, in order of coming', async () => {
  const { turns, turn } = world()
  const order: string[] = []
  const work = async (name: string): Promise<void> => {
    const share = turns.share()
    for (let piece = 1; piece <= 3; piece++) {
      await share.next()
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
  expect(seen.slice(0, 9)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
})
