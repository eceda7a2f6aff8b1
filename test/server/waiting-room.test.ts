import { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import { expect, test, vi } from 'vitest'
import { WaitingRoom } from '../../src/server/waiting-room.ts'

/** A socket as far as the room looks at it. */
class Waiting extends EventEmitter {
  readonly remoteAddress: string
  destroyed = false

  constructor(remoteAddress: string) {
    super()
    this.remoteAddress = remoteAddress
  }

  destroy(): void {
    this.destroyed = true
    this.emit('close')
  }
}

function enter(room: WaitingRoom, address: string): { socket: Waiting; leave: () => void } {
  const socket = new Waiting(address)
  return { socket, leave: room.enter(socket as unknown as Socket, 1_000) }
}

test('one more than there is room for cuts off the oldest of the address that has most', () => {
  const room = new WaitingRoom(4)
  const early = enter(room, 'a')
  const many = ['b', 'b', 'b'].map((address) => enter(room, address))
  enter(room, 'c')
  expect([early, ...many].map(({ socket }) => socket.destroyed)).toEqual([
    false,
    true,
    false,
    false,
  ])
})

test('who has left, by being let in or by going, is neither counted nor cut off', () => {
  const room = new WaitingRoom(2)
  const admitted = enter(room, 'a')
  admitted.leave()
  const gone = enter(room, 'a')
  gone.socket.emit('close')
  const [first, second] = [enter(room, 'a'), enter(room, 'a')]
  expect([admitted, first, second].some(({ socket }) => socket.destroyed)).toBe(false)
})

test('nobody waits longer than allowed', () => {
  vi.useFakeTimers()
  const room = new WaitingRoom(2)
  const [silent, admitted] = [enter(room, 'a'), enter(room, 'a')]
  admitted.leave()
  vi.advanceTimersByTime(1_000)
  expect([silent, admitted].map(({ socket }) => socket.destroyed)).toEqual([true, false])
  vi.useRealTimers()
})
