import { request as httpRequest } from 'node:http'
import { tableFromIPC } from 'apache-arrow'
import { connect, type Database } from '#heddle/engine/database.js'
import { startRestServer, type RunningRestServer } from '#heddle/server/rest/server.js'
import { Chooser } from '../chooser.ts'
import type { FuzzOptions } from '../fuzzer.ts'
import { makeRequest, preparation, type Request } from './requests.ts'

const FINDINGS_MAX = 20
const PATIENCE_MS = 20_000
const MEMORY_BYTES_MAX = 256 * 1_048_576
const SHOWN_CHARACTERS_MAX = 400

interface Answer {
  readonly status: number
  readonly type: string
  readonly body: Buffer
}

/**
 * Requests to the REST API, of use and garbled, at a server in this process. Each must be answered in
 * time: with what its content type says, or with an error that has a code and is not ours. The server must
 * go on, and hold no memory for what is over.
 */
export async function run(options: FuzzOptions): Promise<number> {
  const { seconds, seed, findingsMax = FINDINGS_MAX } = options
  const db = await connect({ threads: 1, memoryBytesMax: MEMORY_BYTES_MAX })
  const server = await startRestServer({ engine: db.engine, host: '127.0.0.1', port: 0 })
  const ends = performance.now() + seconds * 1000
  let [findings, held] = [0, 0]
  try {
    for (let round = 0; performance.now() < ends && findings < findingsMax; round++, held++) {
      await prepare(db)
      const sent = makeRequest(new Chooser(seed + round))
      const finding = await judge(server, sent)
      if (finding === undefined) continue
      findings += 1
      report(seed + round, sent, finding)
    }
    if (!(await letsGo(db))) {
      findings += 1
      console.log(`FOUND: memory is held after all requests: ${db.engine.heap.bytesInUse} bytes`)
    }
  } finally {
    await server.close()
    await db.close()
  }
  console.log(`${held} requests`)
  return findings
}

async function prepare(db: Database): Promise<void> {
  for (const [schema, name, kind] of (await db.query('show tables')).values()) {
    await db.query(`drop ${String(kind)} "${String(schema)}"."${String(name)}" cascade`)
  }
  for (const sql of preparation) await db.query(sql)
}

/** What is wrong with the answer to a request; undefined when nothing is. */
async function judge(server: RunningRestServer, sent: Request): Promise<string | undefined> {
  let answer: Answer | undefined
  try {
    answer = await send(server.port, sent)
  } catch (error) {
    if (sent.leavesAfter === undefined) return `no answer: ${String(error)}`
  }
  const wrong = answer === undefined ? undefined : faultOf(sent, answer)
  if (wrong !== undefined) return wrong
  const after = await send(server.port, marker)
  return after.status === 200 ? undefined : `the next request fails: ${after.status}`
}

const marker: Request = {
  method: 'POST',
  path: '/v1/query',
  headers: { 'content-type': 'application/json' },
  body: Buffer.from('{"query":"select 1"}'),
  leavesAfter: undefined,
}

function faultOf({ method }: Request, { status, type, body }: Answer): string | undefined {
  if (method === 'HEAD') return status >= 500 ? `status ${status}` : undefined
  const text = body.toString()
  if (status === 500) return `status 500: ${text}`
  try {
    if (type === 'text/csv') return undefined
    if (type === 'application/vnd.apache.arrow.stream') {
      tableFromIPC(body)
      return undefined
    }
    if (type === 'application/x-ndjson') {
      for (const line of text.split('\n')) if (line !== '') JSON.parse(line)
      return undefined
    }
    const parsed = JSON.parse(text) as { error?: { code?: unknown; message?: unknown } }
    if (status < 400) return undefined
    const { code, message } = parsed.error ?? {}
    const isTold = typeof code === 'string' && typeof message === 'string'
    return isTold ? undefined : `status ${status} without code or message: ${text}`
  } catch (error) {
    return `the body is not ${type}: ${String(error)}`
  }
}

function send(
  port: number,
  { method, path, headers, body, leavesAfter }: Request,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest({
      host: '127.0.0.1',
      port,
      method,
      path,
      headers: { ...headers, 'content-length': String(body.length) },
      timeout: PATIENCE_MS,
    })
    outgoing.on('timeout', () => outgoing.destroy(new Error('no answer in time')))
    outgoing.on('error', reject)
    outgoing.on('response', (incoming) => {
      const parts: Buffer[] = []
      incoming.on('data', (part: Buffer) => parts.push(part))
      incoming.on('error', reject)
      incoming.on('end', () => {
        const type = (incoming.headers['content-type'] ?? '').split(';')[0] ?? ''
        resolve({ status: incoming.statusCode ?? 0, type, body: Buffer.concat(parts) })
      })
    })
    if (leavesAfter === undefined) return void outgoing.end(body)
    outgoing.write(body.subarray(0, leavesAfter), () => outgoing.destroy(new Error('left')))
  })
}

/** Whether dropping everything gives all memory back, in a while. */
async function letsGo(db: Database): Promise<boolean> {
  for (const [, name] of (await db.query('show tables')).values()) {
    await db.query(`drop table "${String(name)}"`)
  }
  const until = performance.now() + PATIENCE_MS
  const empty = await emptyBytes()
  while (db.engine.heap.bytesInUse > empty) {
    if (performance.now() > until) return false
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return true
}

/** What an engine holds that has run the same and nothing else. */
async function emptyBytes(): Promise<number> {
  const db = await connect({ threads: 1, memoryBytesMax: MEMORY_BYTES_MAX })
  await prepare(db)
  for (const [, name] of (await db.query('show tables')).values()) {
    await db.query(`drop table "${String(name)}"`)
  }
  await db.query('select count(*) from (values (1), (2)) a (n), (values (1), (2)) b (n)')
  const { bytesInUse } = db.engine.heap
  await db.close()
  return bytesInUse
}

function report(seed: number, { method, path, headers, body }: Request, finding: string): void {
  console.log(`FOUND with --seed ${seed}: ${finding.slice(0, SHOWN_CHARACTERS_MAX)}`)
  console.log(`  ${method} ${path} ${JSON.stringify(headers)}`)
  console.log(`  ${body.toString('latin1').slice(0, SHOWN_CHARACTERS_MAX)}`)
}
