import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { LongestFirst } from './test/longest-first.ts'

// Tools name the engine's parts by the built files; under test these are the sources.
const engineParts = {
  find: /^#heddle\/(.*)\.js$/,
  replacement: fileURLToPath(new URL('src', import.meta.url)) + '/$1.ts',
}

export default defineConfig({
  resolve: { alias: [engineParts] },
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/arrow-library.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: 'forks',
    sequence: { sequencer: LongestFirst },
    // Of two cores, too, one test file alone keeps one busy.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // Faults in the use of memory show, in the threads and processes that tests start, too.
    env: { HEDDLE_HEAP: process.env['HEDDLE_HEAP'] ?? 'poison' },
  },
})
