// The one gate: everything that must hold before a change lands. `npm run ok`.
import { spawnSync } from 'node:child_process'

const steps = [
  ['format', 'npx', ['oxfmt', '--check', '.']],
  [
    'lint',
    'npx',
    [
      'oxlint',
      '--type-aware',
      '--deny-warnings',
      'src',
      'test',
      'bench',
      'crash',
      'fuzz',
      'soak',
      'suites',
      'examples',
      'scripts',
      'sqllogictest',
    ],
  ],
  ['build', 'npm', ['run', '--silent', 'build']],
  ['types of tests', 'npx', ['tsc', '-p', 'tsconfig.test.json']],
  ['tests', 'npx', ['vitest', 'run']],
  ['clean tree', 'git', ['diff', '--exit-code', '--stat']],
]

for (const [name, command, args] of steps) {
  const started = performance.now()
  const { status } = spawnSync(command, args, { stdio: 'inherit' })
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  console.log(`${status === 0 ? 'ok' : 'FAILED'}: ${name} (${seconds} s)`)
  if (status !== 0) process.exit(1)
}
