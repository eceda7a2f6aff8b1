import { expect, test } from 'vitest'
import { seededRandom } from '../../src/base/world.ts'
import {
  Admission,
  OVERTAKEN_MAX,
  type Admitted,
  type Claim,
  type Company,
} from '../../src/cluster/admission.ts'

const shared = (bytes: number): Claim => ({ bytes, company: 'shared' })

/** Runs by name, as they are let in. */
class Runs {
  readonly admission = new Admission(() => 100)
  readonly running = new Map<string, Admitted>()

  /** Asks to be let in; who has to wait comes into `running` later. */
  ask(name: string, claim: Claim): (reason: unknown) => void {
    const now = this.admission.begin(claim)
    if (now !== undefined) {
      this.running.set(name, now)
      return () => {}
    }
    const { turn, leave } = this.admission.wait(claim)
    turn.then(
      (admitted) => this.running.set(name, admitted),
      () => {},
    )
    return leave
  }

  async end(name: string): Promise<void> {
    this.running.get(name)!.end()
    this.running.delete(name)
    await settled()
  }

  get names(): string {
    return [...this.running.keys()].toSorted().join(' ')
  }
}

/** All promises that can be settled are. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) await Promise.resolve()
}

test('who does not fit beside the others waits, in order, and one of any size is let in', async () => {
  const runs = new Runs()
  runs.ask('a', shared(60))
  runs.ask('b', shared(40))
  runs.ask('c', shared(500))
  runs.ask('d', shared(30))
  expect(runs.names).toBe('a b')
  expect([runs.admission.claimedBytes, runs.admission.waitingBytes]).toEqual([100, 530])
  await runs.end('a')
  // d would fit, and is too large to come before c.
  expect(runs.names).toBe('b')
  await runs.end('b')
  expect(runs.names).toBe('c')
  await runs.end('c')
  expect(runs.names).toBe('d')
})

test('small ones overtake, but not for ever', async () => {
  const runs = new Runs()
  runs.ask('a', shared(90))
  runs.ask('b', shared(50))
  for (let n = 0; n < OVERTAKEN_MAX; n++) {
    runs.ask('small', shared(5))
    expect(runs.names).toBe('a small')
    await runs.end('small')
  }
  runs.ask('small', shared(5))
  runs.ask('nothing', shared(0))
  expect(runs.names).toBe('a nothing')
  await runs.end('a')
  expect(runs.names).toBe('b nothing small')
})

test('one that wants to be alone has nobody beside it that claims anything', async () => {
  const runs = new Runs()
  runs.ask('a', shared(10))
  runs.ask('waits', shared(100))
  runs.ask('alone', { bytes: 100, company: 'alone' })
  await runs.end('a')
  expect(runs.names).toBe('alone')
  expect(runs.running.get('alone')!.hadCompany).toBe(false)
  runs.ask('nothing', shared(0))
  expect(runs.names).toBe('alone nothing')
  expect(runs.running.get('alone')!.hadCompany).toBe(true)
  await runs.end('nothing')
  await runs.end('alone')
  expect(runs.names).toBe('waits')
})

test('a sole one waits for all to end, and keeps out all that come', async () => {
  const runs = new Runs()
  runs.ask('nothing', shared(0))
  runs.ask('sole', { bytes: 100, company: 'sole' })
  runs.ask('later', shared(0))
  expect(runs.names).toBe('nothing')
  await runs.end('nothing')
  expect(runs.names).toBe('sole')
  await runs.end('sole')
  expect(runs.names).toBe('later')
})

test('who gives up waiting is in nobody’s way', async () => {
  const runs = new Runs()
  runs.ask('a', shared(60))
  const leave = runs.ask('b', shared(60))
  runs.ask('c', shared(30))
  expect(runs.names).toBe('a')
  leave(new Error('had enough'))
  await settled()
  expect(runs.names).toBe('a c')
  expect(runs.admission.waitingBytes).toBe(0)
  // Who was let in does not lose its place by leaving late.
  leave(new Error('too late'))
  expect(runs.admission.claimedBytes).toBe(90)
})

test.each([1, 2, 3, 4])(
  'whatever comes and goes, all are let in at last: seed %i',
  async (seed) => {
    const random = seededRandom(seed)
    const runs = new Runs()
    const companies: readonly Company[] = ['shared', 'shared', 'shared', 'alone', 'sole']
    const asked = new Set<string>()
    const seen = new Set<string>()
    const left = new Set<string>()
    for (let n = 0; n < 500; n++) {
      const company = companies[Math.floor(random.next() * companies.length)]!
      const bytes = company === 'shared' ? Math.floor(random.next() ** 3 * 150) : 100
      const leave = runs.ask(`${n}`, { bytes, company })
      asked.add(`${n}`)
      if (random.next() < 0.1) {
        if (!runs.running.has(`${n}`)) left.add(`${n}`)
        leave(new Error('left'))
      }
      await settled()
      for (const name of runs.running.keys()) {
        seen.add(name)
        if (random.next() < 0.4) await runs.end(name)
      }
      const claims = runs.admission.claimedBytes
      expect(claims <= 100 || runs.running.size >= 1).toBe(true)
    }
    while (runs.running.size > 0) {
      for (const name of runs.running.keys()) {
        seen.add(name)
        await runs.end(name)
      }
    }
    expect(asked.size - left.size).toBe([...seen].filter((name) => !left.has(name)).length)
    expect([runs.admission.claimedBytes, runs.admission.waitingBytes]).toEqual([0, 0])
  },
)
