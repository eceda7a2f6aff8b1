import { expect, test } from 'vitest'
import { connect } from '../../src/index.ts'

test.each(['constructor', '__proto__', 'toString', 'valueOf'])(
  'an option named %s is unknown, like any other',
  async (name) => {
    const db = await connect({ threads: 1 })
    const run = db.query(`create table t with (location = 'x.csv', "${name}" = 1)`)
    await expect(run).rejects.toThrow(`unrecognized option "${name.toLowerCase()}"`)
    await db.close()
  },
)
