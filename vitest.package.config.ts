import { defineConfig } from 'vitest/config'

// Checks of the installed package that fetch other packages: `npm run package-tests`.
export default defineConfig({
  test: {
    include: ['test/package/**/*.check.ts'],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    pool: 'forks',
  },
})
