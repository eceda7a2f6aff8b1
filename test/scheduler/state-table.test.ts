import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { mayFollow, stateNames } from '../../src/scheduler/scheduler/task-state.ts'

test('the page on the scheduler lists the transitions that there are', () => {
  const page = readFileSync(new URL('../../docs/scheduler.md', import.meta.url), 'utf8')
  const rows = [...page.matchAll(/^\| ([a-z-]+) \| ([a-z-]+) \|/gm)].map((row) => row.slice(1))
  const listed = rows.filter(([from]) => from !== 'from').map((row) => row.join(' -> '))
  const allowed = stateNames.flatMap((from, a) =>
    stateNames.flatMap((to, b) => (mayFollow(a, b) ? [`${from} -> ${to}`] : [])),
  )
  expect(listed.toSorted()).toEqual(allowed.toSorted())
})
