import type { Socket } from 'node:net'

interface Waiting {
  readonly socket: Socket
  readonly address: string
}

/**
 * Sockets that have not said anything of use yet. There are at most so many; when one more comes, the
 * one that waits longest is cut off, of the address that has the most: silence keeps nobody out.
 */
export class WaitingRoom {
  readonly #waitingMax: number
  /** In order of coming. */
  readonly #waiting = new Set<Waiting>()

  constructor(waitingMax: number) {
    this.#waitingMax = waitingMax
  }

  /** Lets a socket wait, for so long at most. The function returned tells that it waits no more. */
  enter(socket: Socket, timeoutMs: number): () => void {
    if (this.#waiting.size >= this.#waitingMax) this.#cutOff()
    const waiting = { socket, address: socket.remoteAddress ?? '' }
    this.#waiting.add(waiting)
    const deadline = setTimeout(() => socket.destroy(), timeoutMs)
    deadline.unref()
    const leave = (): void => {
      clearTimeout(deadline)
      this.#waiting.delete(waiting)
    }
    socket.once('close', leave)
    return () => {
      socket.off('close', leave)
      leave()
    }
  }

  #cutOff(): void {
    const counts = new Map<string, number>()
    let most = 0
    for (const { address } of this.#waiting) {
      const count = (counts.get(address) ?? 0) + 1
      counts.set(address, count)
      most = Math.max(most, count)
    }
    for (const waiting of this.#waiting) {
      if (counts.get(waiting.address) !== most) continue
      this.#waiting.delete(waiting)
      waiting.socket.destroy()
      return
    }
  }
}
