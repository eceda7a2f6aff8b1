// Runs sqllogictest files; builds first where nothing has been built yet.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { execFileSync } from 'node:child_process'

const runner = new URL('../dist/tools/sqllogictest/runner/main.js', import.meta.url)
if (!existsSync(runner)) {
  const build = fileURLToPath(new URL('build.mjs', import.meta.url))
  execFileSync(process.execPath, [build], { stdio: 'inherit' })
}
await import(runner.href)
