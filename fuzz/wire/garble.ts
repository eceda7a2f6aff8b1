import { serialize } from 'pg-protocol'
import type { Chooser } from '../chooser.ts'
import { cString, framed, int16, int32 } from './conversations.ts'
import type { Step } from './talk.ts'

export interface Garbled {
  readonly steps: readonly Step[]
  /** Every message still has a length that holds, and none ends the connection by its type. */
  readonly isFramed: boolean
}

const GOOD_LETTERS = 'QPBDCEHSdcfF'
const ODD_LETTERS = 'XpRZyTA\0\u00ff'
const oids = [
  0, 16, 17, 18, 19, 20, 21, 23, 25, 26, 114, 142, 600, 700, 701, 705, 790, 829, 869, 1007, 1009,
  1042, 1043, 1082, 1083, 1114, 1184, 1186, 1266, 1560, 1700, 2249, 2950, 3802, 99_999,
]

type Change = (choose: Chooser, steps: Step[]) => boolean

/** Changes a conversation in one to five places. */
export function garble(choose: Chooser, conversation: readonly Step[]): Garbled {
  const steps = [...conversation]
  let isFramed = true
  for (let left = choose.between(1, 5); left > 0; left--) {
    const keeps = choose.pick(changes)(choose, steps)
    isFramed &&= keeps
  }
  return { steps, isFramed }
}

/** Each tells whether every message still has a length that holds. */
const changes: readonly Change[] = [
  flipBytes,
  flipBytes,
  cutBody,
  lengthenBody,
  anotherLetter,
  wrongLength,
  randomMessage,
  randomMessage,
  binaryGarbage,
  binaryGarbage,
  binaryGarbage,
  oddText,
  twice,
  swapped,
  cancel,
  cutStream,
]

function edit(
  choose: Chooser,
  steps: Step[],
  what: string,
  change: (bytes: Buffer) => Buffer,
): void {
  const at = choose.between(0, steps.length - 1)
  const step = steps[at]!
  steps[at] = { ...step, what: `${step.what}, ${what}`, bytes: change(Buffer.from(step.bytes)) }
}

function withBody(bytes: Buffer, body: Buffer): Buffer {
  return framed(String.fromCharCode(bytes[0] ?? 0x53), body)
}

function flipBytes(choose: Chooser, steps: Step[]): boolean {
  edit(choose, steps, 'bytes changed', (bytes) => {
    for (let left = choose.between(1, 4); left > 0 && bytes.length > 5; left--) {
      const odd = choose.chance(0.3) ? choose.pick([0, 0xff, 0xc3, 0x80, 0x27]) : undefined
      bytes[choose.between(5, bytes.length - 1)] = odd ?? choose.between(0, 255)
    }
    return bytes
  })
  return true
}

function cutBody(choose: Chooser, steps: Step[]): boolean {
  edit(choose, steps, 'body cut', (bytes) => {
    const body = bytes.subarray(5)
    return withBody(bytes, body.subarray(0, choose.between(0, Math.max(0, body.length - 1))))
  })
  return true
}

function lengthenBody(choose: Chooser, steps: Step[]): boolean {
  edit(choose, steps, 'body lengthened', (bytes) =>
    withBody(bytes, Buffer.concat([bytes.subarray(5), randomBytes(choose, 1, 9)])),
  )
  return true
}

function anotherLetter(choose: Chooser, steps: Step[]): boolean {
  const isOdd = choose.chance(0.2)
  const letter = choose.pick([...(isOdd ? ODD_LETTERS : GOOD_LETTERS)])
  edit(choose, steps, `letter ${JSON.stringify(letter)}`, (bytes) => {
    bytes.write(letter, 'latin1')
    return bytes
  })
  return !isOdd
}

function wrongLength(choose: Chooser, steps: Step[]): boolean {
  const odd = choose.pick([0, 3, 4, -1, 2 ** 31 - 1, 67_108_864, 67_108_865, 10_001])
  edit(choose, steps, 'length that lies', (bytes) => {
    if (bytes.length < 5) return bytes
    const near = bytes.readInt32BE(1) + choose.between(-3, 3)
    bytes.writeInt32BE(choose.chance(0.5) ? odd : near, 1)
    return bytes
  })
  return false
}

function randomMessage(choose: Chooser, steps: Step[]): boolean {
  const letter = choose.pick([...GOOD_LETTERS])
  insert(choose, steps, {
    what: `random message of type ${letter}`,
    bytes: framed(letter, randomBytes(choose, 0, 40)),
  })
  return true
}

/** Parse with declared types, and a Bind whose values are binary garbage of likely lengths. */
function binaryGarbage(choose: Chooser, steps: Step[]): boolean {
  const types = choose.some(1, 3, () => choose.pick(oids))
  const texts = types.map((_, index) => `$${index + 1} as p${index}`)
  const body: Buffer[] = [cString(''), cString(''), int16(1), int16(choose.between(0, 1))]
  body.push(int16(types.length))
  for (const _ of types) {
    const value = randomBytes(choose, 0, choose.pick([1, 2, 4, 8, 16, 20]))
    if (choose.chance(0.4)) value.fill(0, 0, Math.min(4, value.length))
    body.push(int32(value.length), value)
  }
  body.push(int16(1), int16(choose.between(0, 1)))
  const at = choose.between(0, steps.length)
  const text = `select ${texts.join(', ')}`
  const what = `binary garbage of types ${types.join(', ')}`
  steps.splice(
    at,
    0,
    { what: `Parse for ${what}`, bytes: serialize.parse({ name: '', text, types: [...types] }) },
    { what, bytes: framed('B', Buffer.concat(body)) },
    { what: `Execute of ${what}`, bytes: serialize.execute({}) },
  )
  return true
}

function oddText(choose: Chooser, steps: Step[]): boolean {
  const text = choose.pick(['\xff', '\xe4\xb8', '\xed\xa0\x80', '\xc0\x80', '\xf4\x90\x80\x80'])
  const sql = Buffer.from(`select '${text}' as t\0`, 'latin1')
  const isQuery = choose.chance(0.5)
  const bytes = isQuery
    ? framed('Q', sql)
    : framed('P', Buffer.concat([cString(''), sql, int16(0)]))
  insert(choose, steps, { what: 'text that is no UTF-8', bytes })
  return true
}

function twice(choose: Chooser, steps: Step[]): boolean {
  insert(choose, steps, choose.pick(steps))
  return true
}

function swapped(choose: Chooser, steps: Step[]): boolean {
  const [one, other] = [choose.between(0, steps.length - 1), choose.between(0, steps.length - 1)]
  const kept = steps[one]!
  steps[one] = steps[other]!
  steps[other] = kept
  return true
}

function cancel(choose: Chooser, steps: Step[]): boolean {
  insert(choose, steps, { what: 'cancel request', bytes: Buffer.alloc(0), isCancel: true })
  return true
}

function cutStream(choose: Chooser, steps: Step[]): boolean {
  edit(choose, steps, 'cut', (bytes) =>
    bytes.subarray(0, choose.between(0, Math.max(0, bytes.length - 1))),
  )
  return false
}

function insert(choose: Chooser, steps: Step[], step: Step): void {
  steps.splice(choose.between(0, steps.length), 0, step)
}

function randomBytes(choose: Chooser, low: number, high: number): Buffer {
  return Buffer.from(choose.some(Math.min(low, high), high, () => choose.between(0, 255)))
}

/** First packets, most of them no good. */
export function randomStart(choose: Chooser): Buffer {
  const good = serialize.startup({ user: 'fuzz', database: 'fuzz' })
  const requests = [80_877_103, 80_877_104, 80_877_102, 0x0002_0000, 0x0003_0002, 0x0004_0000]
  switch (choose.between(0, 4)) {
    case 0:
      return randomBytes(choose, 0, 60)
    case 1: {
      const body = Buffer.concat([int32(choose.pick(requests)), randomBytes(choose, 0, 30)])
      return Buffer.concat([int32(body.length + 4), body])
    }
    case 2: {
      const bytes = Buffer.from(good)
      for (let left = choose.between(1, 4); left > 0; left--) {
        bytes[choose.between(0, bytes.length - 1)] = choose.between(0, 255)
      }
      return bytes
    }
    case 3:
      return Buffer.concat([int32(8), int32(choose.pick(requests)), good])
    default:
      return good.subarray(0, choose.between(0, good.length - 1))
  }
}
