import { availableParallelism, tmpdir } from 'node:os'

/** Cores that this process may use. */
export function machineCores(): number {
  return availableParallelism()
}

/** Where the system has temporary files. */
export function temporaryDirectory(): string {
  return tmpdir()
}

/** Bytes that the process has: in all, of values of JavaScript, and of buffers beside these. */
export function processMemory(): {
  readonly residentBytes: number
  readonly heapBytes: number
  readonly externalBytes: number
} {
  const { rss, heapUsed, external } = process.memoryUsage()
  return { residentBytes: rss, heapBytes: heapUsed, externalBytes: external }
}

export function workingDirectory(): string {
  return process.cwd()
}
