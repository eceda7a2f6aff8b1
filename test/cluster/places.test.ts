import { expect, test } from 'vitest'
import { Places } from '../../src/cluster/places.ts'

test('places are taken until none is free, then waited for in order', async () => {
  const places = new Places(2)
  expect([places.take(), places.take(), places.take()]).toEqual([true, true, false])
  const came: string[] = []
  const first = places.wait()
  const second = places.wait()
  const third = places.wait()
  void first.turn.then(() => came.push('first'))
  void third.turn.then(() => came.push('third'))
  second.leave(new Error('had enough'))
  await expect(second.turn).rejects.toThrow('had enough')
  expect(came).toEqual([])
  places.giveBack()
  await first.turn
  expect(came).toEqual(['first'])
  // Who has a place does not lose it by leaving late.
  first.leave(new Error('too late'))
  places.giveBack()
  await third.turn
  expect(places.take()).toBe(false)
  places.giveBack()
  expect(places.take()).toBe(true)
})

test('work that fails gives its place back', async () => {
  const places = new Places(1)
  await expect(places.during(() => Promise.reject(new Error('failed')))).rejects.toThrow('failed')
  expect(await places.during(() => 7)).toBe(7)
})
