import { availableParallelism } from 'node:os'

/** Cores that this process may use. */
export function machineCores(): number {
  return availableParallelism()
}

export function workingDirectory(): string {
  return process.cwd()
}
