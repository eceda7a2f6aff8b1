import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, vi } from 'vitest'
import { Engine } from '../../src/engine/process/engine.ts'
import { Session } from '../../src/engine/session.ts'
import { SpillStore } from '../../src/storage/spill-store.ts'

const MIB = 1_048_576

/** The engines of a file's tests, and where the small one keeps files; there once the tests run. */
export interface TwoMemories {
  small: Engine
  large: Engine
  directory: string
}

/** An engine with a memory of 16 MiB and one with plenty. In the end neither has anything in use, and no file is left. */
export function twoMemories(): TwoMemories {
  const both = {} as TwoMemories
  beforeAll(async () => {
    both.directory = mkdtempSync(join(tmpdir(), 'heddle-test-'))
    both.small = await Engine.start({
      threads: 2,
      memoryBytesMax: 16 * MIB,
      tempDirectory: both.directory,
    })
    both.large = await Engine.start({ threads: 2 })
  })
  afterAll(async () => {
    for (const engine of [both.small, both.large]) {
      expect(engine.heap.usage).toMatchObject({ query: 0, result: 0, table: 0, reader: 0 })
      await engine.close()
    }
    expect(readdirSync(both.directory)).toEqual([])
    rmSync(both.directory, { recursive: true })
  })
  return both
}

/** The small engine answers as the large one does, with rows in files meanwhile, of which none is left. */
export async function answersAlike(engines: TwoMemories, sql: string): Promise<void> {
  const [few, many] = [new Session(engines.small), new Session(engines.large)]
  const writes = vi.spyOn(SpillStore.prototype, 'write')
  try {
    const answer = await few.query(sql)
    const texts = answer.texts()
    answer.release()
    expect(writes).toHaveBeenCalled()
    expect(filesIn(engines.directory)).toEqual([])
    const expected = await many.query(sql)
    expect(texts).toEqual(expected.texts())
    expected.release()
  } finally {
    writes.mockRestore()
    few.close()
    many.close()
  }
}

/** An engine that divides rows as the second try in parts does, or a later one, however few there are, answers as the large one does. */
export async function alikeInParts(
  { large }: TwoMemories,
  attempt: number,
  queries: readonly string[],
): Promise<void> {
  const parts = await Engine.start({ threads: 2 }, { alwaysParts: 3, alwaysAttempt: attempt })
  const [expected, divided] = [new Session(large), new Session(parts)]
  try {
    for (const sql of queries) {
      expect((await divided.query(sql)).texts()).toEqual((await expected.query(sql)).texts())
    }
  } finally {
    expected.close()
    divided.close()
    await parts.close()
  }
}

/** The files of all processes' folders in a directory. */
export function filesIn(directory: string): readonly string[] {
  return readdirSync(directory).flatMap((folder) => readdirSync(join(directory, folder)))
}
