import { readyArrow } from '../io/arrow-library.ts'
import { hasKernelsFile, useKernels } from '../wasm/kernels/loader.ts'
import { hasThreadFile, useThreadSource } from './threads/pool-thread.ts'

/**
 * Makes sure that libraries, the kernels and the program of threads are at hand: as files beside their modules, or
 * in an application's bundle, which has no such files, as values inside of it.
 */
export async function findProgramParts(): Promise<void> {
  const isInstalled = hasKernelsFile() && hasThreadFile()
  await readyArrow({ isInstalled })
  if (isInstalled) return
  const { inlinedParts } = await import('./host/inlined-parts.ts')
  if (inlinedParts === undefined) return
  if (!hasKernelsFile()) useKernels(bytesOf(inlinedParts.kernels))
  if (!hasThreadFile()) useThreadSource(inlinedParts.thread)
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
}
