import { expect, test } from 'vitest'
import { noTrace } from '../../src/base/trace.ts'
import { resolveOptions, type ConnectOptions } from '../../src/engine/process/options.ts'

const MIB = 1_048_576
const environment = { cores: 3, workingDirectory: '/data', temporaryDirectory: '/tmp' }

function withCluster(memory: number, cluster: object = {}): ConnectOptions {
  return { memoryBytesMax: memory, cluster: { workers: 4, ...cluster } }
}

test('what is not said has a default', () => {
  expect(resolveOptions({ cluster: { workers: 4 } }, environment)).toEqual({
    threads: 3,
    memoryBytesMax: 4096 * MIB,
    tempDirectory: '/tmp',
    tempBytesMax: undefined,
    allowedRoots: ['/data'],
    allowUrls: false,
    statementTimeoutMs: 0,
    trace: noTrace,
    cluster: {
      workers: 4,
      threadsPerWorker: 1,
      heartbeatTimeoutMs: 10_000,
      restartsMax: 5,
      restartWindowMs: 60_000,
    },
  })
})

const accepted: readonly ConnectOptions[] = [
  { memoryBytesMax: 16 * MIB },
  { memoryBytesMax: 6144 * MIB },
  withCluster(128 * MIB),
  // Five heaps of 4 GiB.
  withCluster(20_480 * MIB),
  withCluster(256 * MIB, { heartbeatTimeoutMs: 500, restartsMax: 0, restartWindowMs: 1 }),
]
test.each(accepted)('accepted: %o', (options) => {
  expect(resolveOptions(options, environment)).toMatchObject(options)
})

const refused: readonly (readonly [ConnectOptions, string])[] = [
  [{ memoryBytesMax: 16 * MIB - 1 }, 'memoryBytesMax'],
  [{ memoryBytesMax: 1_048_576 * MIB + 1 }, 'memoryBytesMax'],
  [withCluster(128 * MIB - 1), 'memoryBytesMax'],
  [withCluster(20_480 * MIB + 1), 'memoryBytesMax'],
  [withCluster(Number.NaN), 'memoryBytesMax'],
  [withCluster(256 * MIB, { workers: 0 }), 'cluster.workers'],
  [withCluster(256 * MIB, { threadsPerWorker: 1.5 }), 'cluster.threadsPerWorker'],
  [withCluster(256 * MIB, { heartbeatTimeoutMs: 0 }), 'cluster.heartbeatTimeoutMs'],
  [withCluster(256 * MIB, { heartbeatTimeoutMs: 1e9 }), 'cluster.heartbeatTimeoutMs'],
  [withCluster(256 * MIB, { restartsMax: -1 }), 'cluster.restartsMax'],
  [withCluster(256 * MIB, { restartWindowMs: 0 }), 'cluster.restartWindowMs'],
]
test.each(refused)('refused: %o', (options, name) => {
  expect(() => resolveOptions(options, environment)).toThrow(`invalid value for option "${name}"`)
})

test('memory that is too little for so many workers: the error has the least that works', () => {
  const least = 64 * 32 * MIB
  const cluster = { workers: 64 }
  let thrown: unknown
  try {
    resolveOptions({ memoryBytesMax: least - 1, cluster }, environment)
  } catch (error) {
    thrown = error
  }
  expect(thrown).toMatchObject({
    code: 'INVALID_PARAMETER_VALUE',
    details: {
      found: `${least - 1}`,
      expected: expect.stringContaining(`${least}`) as string,
      hint: expect.stringContaining(`${least} bytes at least`) as string,
    },
  })
  expect(resolveOptions({ memoryBytesMax: least, cluster }, environment).memoryBytesMax).toBe(least)
})
