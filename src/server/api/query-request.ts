import { QueryError } from '../../base/errors.ts'
import type { HostParameter } from '../../engine/results/host-values.ts'
import { parseExactJson } from './exact-json.ts'

/** How an answer is written. */
export type AnswerFormat = 'json' | 'ndjson' | 'csv' | 'arrow'

/** The body of `POST /v1/query`. */
export interface QueryRequest {
  /** One SQL statement. */
  readonly query: string
  /** Values of $1, $2, ... */
  readonly parameters: readonly HostParameter[]
  /** Undefined: as the Accept header asks, else json. */
  readonly format: AnswerFormat | undefined
  readonly timeoutMs: number | undefined
}

export const contentTypes: Readonly<Record<AnswerFormat, string>> = {
  json: 'application/json',
  ndjson: 'application/x-ndjson',
  csv: 'text/csv',
  arrow: 'application/vnd.apache.arrow.stream',
}

const formats = Object.keys(contentTypes) as readonly AnswerFormat[]
const fields = new Set(['query', 'parameters', 'format', 'timeoutMs'])
const TIMEOUT_MS_MAX = 2 ** 31 - 1

/** Reads a request's body: JSON, or the bare statement when it is sent as plain text. */
export function parseQueryRequest(body: string, contentType: string): QueryRequest {
  if (/^(?:text\/plain|application\/sql)/i.test(contentType)) {
    return { query: body, parameters: [], format: undefined, timeoutMs: undefined }
  }
  const value = parseJson(body)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid('the body', 'a JSON object with the field "query"', kindOf(value))
  }
  const record = value as Readonly<Record<string, unknown>>
  const odd = Object.keys(record).find((name) => !fields.has(name))
  if (odd !== undefined) throw invalid('the body', `fields ${[...fields].join(', ')}`, `"${odd}"`)
  const query = record['query']
  if (typeof query !== 'string') throw invalid('"query"', 'a string', kindOf(query))
  return {
    query,
    parameters: parseParameters(record['parameters']),
    format: parseFormat(record['format']),
    timeoutMs: parseTimeout(record['timeoutMs']),
  }
}

/** The format that an Accept header asks for first, of those there are. */
export function acceptedFormat(accept: string): AnswerFormat | undefined {
  const wanted = accept.split(',').map((part) => part.split(';')[0]?.trim().toLowerCase())
  return wanted
    .map((type) => formats.find((format) => contentTypes[format] === type))
    .find((format) => format !== undefined)
}

function parseJson(body: string): unknown {
  try {
    return parseExactJson(body)
  } catch (error) {
    if (error instanceof QueryError) throw error
    throw invalid('the body', 'JSON', error instanceof Error ? error.message : 'something else')
  }
}

function parseParameters(value: unknown): readonly HostParameter[] {
  if (value === undefined) return []
  if (!Array.isArray(value)) throw invalid('"parameters"', 'an array', kindOf(value))
  // What JSON can say a parameter can be.
  return value as readonly HostParameter[]
}

function parseFormat(value: unknown): AnswerFormat | undefined {
  if (value === undefined) return undefined
  const format = formats.find((name) => name === value)
  if (format === undefined) throw invalid('"format"', formats.join(', '), JSON.stringify(value))
  return format
}

function parseTimeout(value: unknown): number | undefined {
  if (value === undefined) return undefined
  const valid = typeof value === 'number' && Number.isInteger(value) && value > 0
  if (valid && value <= TIMEOUT_MS_MAX) return value
  throw invalid('"timeoutMs"', `an integer from 1 to ${TIMEOUT_MS_MAX}`, JSON.stringify(value))
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'null'
  return Array.isArray(value) ? 'an array' : `a ${typeof value}`
}

function invalid(what: string, expected: string, found: string): QueryError {
  return new QueryError('INVALID_PARAMETER_VALUE', `invalid request: ${what}`, { expected, found })
}
