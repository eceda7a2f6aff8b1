import { getHeapStatistics } from 'node:v8'
import type { ScriptHeap } from '../../base/world.ts'

/** The heap of the thread that asks. */
export const systemScriptHeap: ScriptHeap = {
  takenPart() {
    const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics()
    return used / limit
  },
}
