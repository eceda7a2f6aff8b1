import { createServer, type RequestListener, type Server } from 'node:http'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { downloadToCache } from '../../../src/io/filesystems/http.ts'

let folder: string
let server: Server
let answer: RequestListener
let log: string[]

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'heddle-http-'))
  log = []
  server = createServer((request, response) => {
    const { range, 'if-none-match': tag } = request.headers
    log.push([request.url, range, tag].filter(Boolean).join(' '))
    answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterEach(() => {
  server.closeAllConnections()
  server.close()
  rmSync(folder, { recursive: true })
})

function url(path: string): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`
}

function storedBytes(): number {
  const partial = readdirSync(folder).find((name) => name.endsWith('.partial'))
  return partial === undefined ? 0 : statSync(join(folder, partial)).size
}

function fetched(path: string, extra: object = {}): Promise<string> {
  return downloadToCache(url(path), { folder, signal: undefined, ...extra })
}

test('a copy is asked after, and used while the server says that it is good', async () => {
  let tag = '"one"'
  let body = 'a,b\n1,2\n'
  answer = (request, response) => {
    const same = request.headers['if-none-match'] === tag
    response.writeHead(same ? 304 : 200, { etag: tag }).end(same ? undefined : body)
  }
  const path = await fetched('/data/t.csv')
  expect(path.endsWith('-t.csv')).toBe(true)
  expect(readFileSync(path, 'utf8')).toBe(body)
  expect(await fetched('/data/t.csv')).toBe(path)
  ;[tag, body] = ['"two"', 'changed']
  expect(readFileSync(await fetched('/data/t.csv'), 'utf8')).toBe('changed')
  expect(log).toEqual(['/data/t.csv', '/data/t.csv "one"', '/data/t.csv "one"'])
})

test('a download that broke off goes on where it stopped', async () => {
  const body = 'x'.repeat(1000) + 'y'.repeat(1000)
  let cut = true
  answer = (request, response) => {
    const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0)
    const length = { 'content-length': String(body.length - from), etag: '"e"' }
    const range = from > 0 ? { 'content-range': `bytes ${from}-1999/2000` } : {}
    response.writeHead(from > 0 ? 206 : 200, { ...length, ...range })
    if (!cut) response.end(body.slice(from))
    else {
      const cutOnceStored = (): void => {
        if (storedBytes() === 1000) response.destroy()
        else setImmediate(cutOnceStored)
      }
      response.write(body.slice(0, 1000), cutOnceStored)
    }
  }
  await expect(fetched('/big')).rejects.toMatchObject({ code: 'IO_ERROR' })
  cut = false
  expect(readFileSync(await fetched('/big'), 'utf8')).toBe(body)
  expect(log[1]).toBe('/big bytes=1000-')
})

test.each([
  [404, 'FILE_NOT_FOUND'],
  [403, 'INSUFFICIENT_PRIVILEGE'],
  [500, 'IO_ERROR'],
])('status %i is %s', async (status, code) => {
  answer = (_request, response) => void response.writeHead(status).end()
  await expect(fetched('/x')).rejects.toMatchObject({ code })
})

test('a server that falls silent is given up', async () => {
  answer = (_request, response) => void response.writeHead(200).write('x')
  await expect(fetched('/slow', { silenceMsMax: 50 })).rejects.toMatchObject({
    code: 'IO_ERROR',
    message: expect.stringContaining('said nothing for 50 ms'),
  })
})

test('can be cancelled', async () => {
  const controller = new AbortController()
  answer = () => controller.abort()
  await expect(fetched('/x', { signal: controller.signal })).rejects.toMatchObject({
    code: 'QUERY_CANCELED',
  })
})

test('the cache has a bound', async () => {
  answer = (_request, response) => void response.writeHead(200).end('x'.repeat(100))
  for (const name of ['/1', '/2', '/3']) await fetched(name, { cacheBytesMax: 250 })
  const copies = readdirSync(folder).filter((name) => !name.endsWith('.json'))
  expect(copies).toHaveLength(2)
  expect(copies.some((name) => name.endsWith('-3'))).toBe(true)
})
