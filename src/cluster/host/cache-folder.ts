import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'

type Variables = Readonly<Record<string, string | undefined>>

/**
 * The folder of the user's own for what can be made again; undefined where there is no home. Not the
 * usual one for temporary files, into which other users of the machine may put things.
 */
export function cacheFolder(env: Variables): string | undefined {
  const caches = env['XDG_CACHE_HOME']
  // One relative to wherever the process runs is none.
  if (caches !== undefined && isAbsolute(caches)) return join(caches, 'heddle')
  try {
    return join(homedir(), '.cache', 'heddle')
  } catch {
    // A user without a home, as in some containers.
    return undefined
  }
}
