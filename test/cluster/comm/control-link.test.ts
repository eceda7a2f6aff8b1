import { expect, test } from 'vitest'
import { receivedError, sendableError } from '../../../src/cluster/comm/checks.ts'
import { MESSAGE_BYTES_MAX } from '../../../src/cluster/comm/codec.ts'
import { controlLink } from '../../../src/cluster/comm/control-link.ts'
import { dial, listen } from '../../../src/cluster/comm/sockets.ts'

interface Numbered {
  readonly number: number
  readonly bytes: Uint8Array
}

/** Sends messages of so many bytes in one turn; gives the numbers of those that arrive, or how it ended. */
async function sent(sizes: readonly number[]): Promise<readonly number[] | string> {
  const arrived: number[] = []
  let settle: (outcome: readonly number[] | string) => void = () => {}
  const outcome = new Promise<readonly number[] | string>((resolve) => (settle = resolve))
  const server = await listen('token', {
    control: (socket) =>
      void controlLink<Numbered, never>(socket, {
        parse: (frame) => frame as readonly Numbered[],
        receive({ number }) {
          arrived.push(number)
          if (arrived.length === sizes.length) settle(arrived)
        },
        closed: () => {},
      }),
  })
  const socket = await dial({ host: '127.0.0.1', port: server.port }, 'control', 'token')
  const link = controlLink<never, Numbered>(socket, {
    parse: () => [],
    receive: () => {},
    closed: (error) => settle(String(error)),
  })
  for (const [number, size] of sizes.entries()) link.send({ number, bytes: new Uint8Array(size) })
  const result = await outcome
  link.close()
  await server.close()
  return result
}

const half = MESSAGE_BYTES_MAX / 2
const turns: readonly (readonly [string, readonly number[]])[] = [
  ['many small ones', Array.from({ length: 5_000 }, () => 1)],
  ['more than a frame holds, none of them alone', [10, half, half, half, 10]],
]
test.each(turns)('messages of one turn arrive in order: %s', async (_name, sizes) => {
  expect(await sent(sizes)).toEqual([...sizes.keys()])
})

test('one that no frame holds ends the link with the reason', async () => {
  expect(await sent([MESSAGE_BYTES_MAX + 1])).toContain('a message of')
})

test('errors of any length can be sent', () => {
  const long = 'x'.repeat(3 << 20)
  const error = { code: 'BAD_FILE', message: long, details: { hint: long, row: 7 } } as const
  const { message, details } = receivedError(sendableError(error))
  expect(message).toMatch(/^x+…$/)
  expect(details.hint).toMatch(/^x+…$/)
  expect(details.row).toBe(7)
  const short = {
    code: 'BAD_FILE',
    message: 'no',
    details: { span: { start: 1, end: 2 } },
  } as const
  expect(sendableError(short)).toEqual(short)
})
