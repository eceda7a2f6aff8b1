import { Writer } from 'pg-protocol/dist/buffer-writer.js'
import { QueryError } from '../../base/errors.ts'
import type { CopyShape } from '../../engine/results/copy-door.ts'
import type { ResultColumn } from '../../engine/results/result.ts'
import { wireType } from '../../data/binary/type-oids.ts'

const writer = new Writer()

function message(type: string, build: (w: Writer) => void = () => {}): Buffer {
  build(writer)
  // The writer reuses its buffer for the next message.
  return Buffer.from(writer.flush(type.charCodeAt(0)))
}

export const authenticationOk = message('R', (w) => w.addInt32(0))
export const parseComplete = message('1')
export const bindComplete = message('2')
export const closeComplete = message('3')
export const noData = message('n')
export const emptyQueryResponse = message('I')
export const portalSuspended = message('s')

export function authenticationSasl(mechanisms: readonly string[]): Buffer {
  return message('R', (w) => {
    w.addInt32(10)
    for (const mechanism of mechanisms) w.addCString(mechanism)
    w.addCString('')
  })
}

export function authenticationSaslStep(step: 'continue' | 'final', text: string): Buffer {
  return message('R', (w) => w.addInt32(step === 'continue' ? 11 : 12).addString(text))
}

export function parameterStatus(name: string, value: string): Buffer {
  return message('S', (w) => w.addCString(name).addCString(value))
}

export function backendKeyData(processId: number, secret: number): Buffer {
  return message('K', (w) => w.addInt32(processId).addInt32(secret))
}

/** Tells a client that asks for more which protocol version and options it gets. */
export function negotiateProtocolVersion(unknownOptions: readonly string[]): Buffer {
  return message('v', (w) => {
    w.addInt32(0x0003_0000).addInt32(unknownOptions.length)
    for (const option of unknownOptions) w.addCString(option)
  })
}

export function readyForQuery(status: 'I' | 'T' | 'E'): Buffer {
  return message('Z', (w) => w.addString(status))
}

export function commandComplete(tag: string): Buffer {
  return message('C', (w) => w.addCString(tag))
}

/** `formats`: 0 text or 1 binary, one a column. */
export function rowDescription(
  columns: readonly ResultColumn[],
  formats: readonly number[],
): Buffer {
  return message('T', (w) => {
    w.addInt16(columns.length)
    columns.forEach(({ name, type, declared }, index) => {
      const { oid, size, modifier } = wireType(type, declared)
      w.addCString(name).addInt32(0).addInt16(0).addInt32(oid).addInt16(size)
      w.addInt32(modifier).addInt16(formats[index] ?? 0)
    })
  })
}

/** CopyInResponse or CopyOutResponse. */
export function copyResponse(direction: 'in' | 'out', { isBinary, columns }: CopyShape): Buffer {
  return message(direction === 'in' ? 'G' : 'H', (w) => {
    const format = isBinary ? 1 : 0
    w.addString(String.fromCharCode(format)).addInt16(columns)
    for (let at = 0; at < columns; at++) w.addInt16(format)
  })
}

export const copyDone = message('c')

const COPY_DATA = 0x64

/** A CopyData message for each row; `ends`: where each ends. */
export function copyData(bytes: Uint8Array, ends: readonly number[]): Uint8Array {
  const framed = Buffer.allocUnsafe(bytes.length + 5 * ends.length)
  let [from, at] = [0, 0]
  for (const end of ends) {
    framed[at] = COPY_DATA
    framed.writeInt32BE(end - from + 4, at + 1)
    framed.set(bytes.subarray(from, end), at + 5)
    at += 5 + end - from
    from = end
  }
  return framed
}

export function parameterDescription(oids: readonly number[]): Buffer {
  return message('t', (w) => {
    w.addInt16(oids.length)
    for (const oid of oids) w.addInt32(oid)
  })
}

export type Severity = 'ERROR' | 'FATAL'

/** `text`: the statement that the error's span points into, for its position. */
export function errorResponse(error: unknown, text: string, severity: Severity = 'ERROR'): Buffer {
  return message('E', (w) => {
    for (const [field, value] of errorFields(error, text, severity)) {
      w.addString(field).addCString(value)
    }
    w.addString('\0')
  })
}

export function notice(code: string, text: string, severity = 'WARNING'): Buffer {
  return message('N', (w) => {
    const fields = { S: severity, V: severity, C: code, M: text }
    for (const [field, value] of Object.entries(fields)) w.addString(field).addCString(value)
    w.addString('\0')
  })
}

function errorFields(
  error: unknown,
  text: string,
  severity: Severity,
): readonly (readonly [string, string])[] {
  const source = [
    ['F', 'heddle'],
    ['L', '1'],
    ['R', 'report'],
  ] as const
  const head = (code: string, said: string): [string, string][] => [
    ['S', severity],
    ['V', severity],
    ['C', code],
    ['M', said],
  ]
  if (!(error instanceof QueryError)) {
    const said = error instanceof Error ? error.message : String(error)
    return [...head('XX000', said), ...source]
  }
  const { span, hint, schema, table, column, constraint, context } = error.details
  const detail = errorDetail(error)
  return [
    ...head(error.sqlState, error.message),
    ...(detail === '' ? [] : [['D', detail] as const]),
    ...(hint === undefined ? [] : [['H', hint] as const]),
    ...(context === undefined ? [] : [['W', context] as const]),
    ...(schema === undefined ? [] : [['s', schema] as const]),
    ...(table === undefined ? [] : [['t', table] as const]),
    ...(table === undefined || column === undefined ? [] : [['c', column] as const]),
    ...(constraint === undefined ? [] : [['n', constraint] as const]),
    ...(span === undefined ? [] : [['P', String(characterPosition(text, span.start))] as const]),
    ...source,
  ]
}

/** What the error says beyond its message, in one or more sentences. */
export function errorDetail({ details }: QueryError): string {
  const { detail, file, row, column, table, expected, found } = details
  const place = [
    ...(file === undefined ? [] : [`file ${file}`]),
    ...(row === undefined ? [] : [`row ${row}`]),
    // Of a table's column the message has a field of its own.
    ...(column === undefined || table !== undefined ? [] : [`column ${column}`]),
  ].join(', ')
  return [
    ...(detail === undefined ? [] : [detail]),
    ...(place === '' ? [] : [`In ${place}.`]),
    ...(expected === undefined ? [] : [`Expected ${expected}${found === undefined ? '.' : ','}`]),
    ...(found === undefined ? [] : [`${expected === undefined ? 'Found' : 'found'} ${found}.`]),
  ].join(' ')
}

/** PostgreSQL counts characters from 1, spans count UTF-16 units from 0. */
function characterPosition(text: string, offset: number): number {
  let characters = 0
  for (const _character of text.slice(0, offset)) characters++
  return characters + 1
}
