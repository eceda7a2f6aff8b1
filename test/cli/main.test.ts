import { spawn } from 'node:child_process'
import { describe, expect, test } from 'vitest'

interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

function heddle(args: readonly string[], input = ''): Promise<Ended> {
  const child = spawn(process.execPath, ['dist/cli/main.js', ...args])
  let out = ''
  let err = ''
  child.stdout.on('data', (bytes: Buffer) => (out += bytes.toString()))
  child.stderr.on('data', (bytes: Buffer) => (err += bytes.toString()))
  child.stdin.end(input)
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, out, err })))
}

describe('heddle sql', () => {
  test('prints the answer of each statement', async () => {
    const { code, out } = await heddle(['sql', "select 1 as a; select 'x' as b"])
    expect([code, out]).toEqual([0, ' a\n---\n 1\n(1 row)\n b\n---\n x\n(1 row)\n'])
  })

  test('a failed statement shows its place and ends with 1', async () => {
    const { code, err } = await heddle(['sql', 'select nope'])
    expect(code).toBe(1)
    expect(err).toBe(
      'ERROR: column "nope" does not exist (42703)\nLINE 1: select nope\n               ^\n',
    )
  })

  test('what goes to another program is never cut', async () => {
    const { out } = await heddle(['sql', "select repeat('x', 5000) as a, repeat('y', 5000) as b"])
    expect(out.split('\n')[2]).toBe(` ${'x'.repeat(5000)} | ${'y'.repeat(5000)}`)
  })

  test('a table of many rows is printed', async () => {
    const ten = '(values (0), (1), (2), (3), (4), (5), (6), (7), (8), (9))'
    const tables = [...'abcdef'].map((name) => `${ten} ${name} (n)`).join(', ')
    const { out } = await heddle(['sql', `select a.n from ${tables} where f.n < 2`])
    expect(out.slice(-14)).toBe('(200000 rows)\n')
  })

  const refused: readonly (readonly [readonly string[], RegExp])[] = [
    [['sql'], /needs a statement/],
    [['weave'], /unknown command "weave"/],
    [['sql', 'select 1', '--colour'], /--colour/],
    [['sql', 'select 1', '--threads', 'two'], /whole number/],
    [['serve', '--host', '0.0.0.0'], /without password/],
    [['serve', '--pg-port', '99999'], /--pg-port needs a port from 0 to 65535/],
    [['serve', '--http-port', '-1'], /--http-port/],
    [['serve', '--http-port', ''], /whole number/],
  ]
  for (const [args, message] of refused) {
    test(`${args.join(' ')} is refused`, async () => {
      const { code, err } = await heddle(args)
      expect(code).toBe(1)
      expect(err).toMatch(message)
    })
  }
})

describe('heddle shell, from a pipe', () => {
  test('statements over lines, its own commands, a last one without end', async () => {
    const { code, out } = await heddle(
      ['shell'],
      `create table t (a int);\n\\d t\nselect ';'\n  as x;\n\\dt\nselect 7 as last`,
    )
    expect(code).toBe(0)
    expect(out).toContain(' a      | integer | YES')
    expect(out).toContain(' x\n---\n ;\n')
    expect(out).toContain(' public | t    | table')
    expect(out).toContain(' last\n------\n    7\n')
  })

  test('a failed statement does not stop the others; the end tells', async () => {
    const { code, out } = await heddle(['shell'], 'select nope;\nselect 2 as two;\n\\q\n')
    expect(code).toBe(1)
    expect(out).toContain('column "nope" does not exist')
    expect(out).toContain(' two\n-----\n   2\n')
  })
})

test('a port that is in use is said so', async () => {
  const { createServer } = await import('node:net')
  const taken = createServer()
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
  const { port } = taken.address() as { port: number }
  const { code, err } = await heddle(['serve', '--pg-port', String(port), '--http-port', '0'])
  taken.close()
  expect(code).toBe(1)
  expect(err).toContain(`port ${port} of 127.0.0.1 is in use`)
})

describe('a script that closes nothing ends by itself', () => {
  const rows = '(values (0), (1), (2), (3), (4), (5), (6), (7), (8), (9))'
  const big = `select a.n from ${[...'abcde'].map((name) => `${rows} ${name} (n)`).join(', ')}`
  const scripts: readonly (readonly [string, string, string])[] = [
    ['that only connects', '', ''],
    ['that ran a query on threads', `console.log((await db.query(big)).rowCount)`, '100000\n'],
    ['with a session in a transaction', `await db.session().query('begin')`, ''],
  ]
  for (const [name, code, expected] of scripts) {
    for (const options of ['{ threads: 2 }', '{ cluster: { workers: 1 } }']) {
      test(`${name}, on ${options}`, async () => {
        const text = `import { connect } from './dist/index.js'
          const big = ${JSON.stringify(big)}
          const db = await connect(${options})
          ${code}`
        const child = spawn(process.execPath, ['--input-type=module', '-e', text])
        let out = ''
        child.stdout.on('data', (bytes: Buffer) => (out += bytes.toString()))
        const ended = await new Promise((resolve) => child.on('close', resolve))
        expect([ended, out]).toEqual([0, expected])
      })
    }
  }
})
