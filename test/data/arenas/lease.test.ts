import { describe, expect, test } from 'vitest'
import { Lease, LeaseScope } from '../../../src/data/arenas/lease.ts'

describe('a lease', () => {
  test('gives back once, and is not read afterwards', () => {
    let given = 0
    const lease = new Lease('held', () => void given++)
    expect([lease.value, lease.isReleased, given]).toEqual(['held', false, 0])
    lease.release()
    expect([lease.isReleased, given]).toEqual([true, 1])
    expect(() => lease.release()).toThrow('released twice')
    expect(() => lease.value).toThrow('after its release')
    expect(given).toBe(1)
  })

  test('is released by its scope, the newest first, unless it was before or is handed over', () => {
    const released: string[] = []
    const scope = new LeaseScope()
    const leaseOf = (name: string): Lease<string> =>
      scope.add(new Lease(name, () => void released.push(name)))
    const [first, second, third] = [leaseOf('first'), leaseOf('second'), leaseOf('third')]
    leaseOf('fourth')
    second.release()
    expect(scope.handOver(third)).toBe(third)
    expect(() => scope.handOver(third)).toThrow('another scope')
    scope.close()
    expect(released).toEqual(['second', 'fourth', 'first'])
    expect([first.isReleased, third.isReleased]).toEqual([true, false])
    scope.close()
  })
})
