import { availableParallelism, tmpdir } from 'node:os'

/** Cores that this process may use. */
export function machineCores(): number {
  return availableParallelism()
}

/** Where the system has temporary files. */
export function temporaryDirectory(): string {
  return tmpdir()
}

export function workingDirectory(): string {
  return process.cwd()
}
