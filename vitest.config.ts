import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

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
  },
})
