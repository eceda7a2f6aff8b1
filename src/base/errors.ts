import type { Span } from './span.ts'

/** Who has to act on an error. */
export type Blame = 'query' | 'data' | 'environment' | 'heddle'

interface ErrorEntry {
  readonly sqlState: string
  readonly http: number
  readonly blame: Blame
}

/**
 * Every error that Heddle raises on purpose. SQLSTATEs are PostgreSQL's, because clients match on
 * them; `http` is what the REST door answers.
 */
export const errorRegistry = {
  SYNTAX_ERROR: { sqlState: '42601', http: 400, blame: 'query' },
  UNDEFINED_TABLE: { sqlState: '42P01', http: 404, blame: 'query' },
  UNDEFINED_COLUMN: { sqlState: '42703', http: 400, blame: 'query' },
  UNDEFINED_DATABASE: { sqlState: '3D000', http: 400, blame: 'query' },
  UNDEFINED_FUNCTION: { sqlState: '42883', http: 400, blame: 'query' },
  UNDEFINED_OBJECT: { sqlState: '42704', http: 404, blame: 'query' },
  UNDEFINED_PARAMETER: { sqlState: '42P02', http: 400, blame: 'query' },
  UNDEFINED_SCHEMA: { sqlState: '3F000', http: 404, blame: 'query' },
  AMBIGUOUS_COLUMN: { sqlState: '42702', http: 400, blame: 'query' },
  DUPLICATE_FUNCTION: { sqlState: '42723', http: 409, blame: 'query' },
  INVALID_FUNCTION_DEFINITION: { sqlState: '42P13', http: 400, blame: 'query' },
  AMBIGUOUS_FUNCTION: { sqlState: '42725', http: 400, blame: 'query' },
  AMBIGUOUS_PARAMETER: { sqlState: '42P08', http: 400, blame: 'query' },
  AMBIGUOUS_ALIAS: { sqlState: '42P09', http: 400, blame: 'query' },
  DUPLICATE_ALIAS: { sqlState: '42712', http: 400, blame: 'query' },
  DUPLICATE_COLUMN: { sqlState: '42701', http: 400, blame: 'query' },
  DUPLICATE_TABLE: { sqlState: '42P07', http: 409, blame: 'query' },
  DUPLICATE_SCHEMA: { sqlState: '42P06', http: 409, blame: 'query' },
  DUPLICATE_OBJECT: { sqlState: '42710', http: 409, blame: 'query' },
  DUPLICATE_PREPARED_STATEMENT: { sqlState: '42P05', http: 409, blame: 'query' },
  DUPLICATE_CURSOR: { sqlState: '42P03', http: 409, blame: 'query' },
  INVALID_STATEMENT_NAME: { sqlState: '26000', http: 400, blame: 'query' },
  INVALID_CURSOR_DEFINITION: { sqlState: '42P11', http: 400, blame: 'query' },
  INVALID_CURSOR_NAME: { sqlState: '34000', http: 400, blame: 'query' },
  WRONG_OBJECT_TYPE: { sqlState: '42809', http: 400, blame: 'query' },
  DATATYPE_MISMATCH: { sqlState: '42804', http: 400, blame: 'query' },
  CANNOT_COERCE: { sqlState: '42846', http: 400, blame: 'query' },
  COLLATION_MISMATCH: { sqlState: '42P21', http: 400, blame: 'query' },
  INDETERMINATE_DATATYPE: { sqlState: '42P18', http: 400, blame: 'query' },
  GROUPING_ERROR: { sqlState: '42803', http: 400, blame: 'query' },
  WINDOWING_ERROR: { sqlState: '42P20', http: 400, blame: 'query' },
  INVALID_COLUMN_REFERENCE: { sqlState: '42P10', http: 400, blame: 'query' },
  INVALID_RECURSION: { sqlState: '42P19', http: 400, blame: 'query' },
  RESERVED_NAME: { sqlState: '42939', http: 400, blame: 'query' },
  INVALID_NAME: { sqlState: '42602', http: 400, blame: 'query' },
  NULL_VALUE_NOT_ALLOWED: { sqlState: '22004', http: 400, blame: 'data' },
  INVALID_PARAMETER_VALUE: { sqlState: '22023', http: 400, blame: 'query' },
  TOO_MANY_ARGUMENTS: { sqlState: '54023', http: 400, blame: 'query' },
  TOO_MANY_COLUMNS: { sqlState: '54011', http: 400, blame: 'query' },
  STATEMENT_TOO_COMPLEX: { sqlState: '54001', http: 400, blame: 'query' },
  PROGRAM_LIMIT_EXCEEDED: { sqlState: '54000', http: 400, blame: 'query' },
  CARDINALITY_VIOLATION: { sqlState: '21000', http: 400, blame: 'query' },
  DEPENDENT_OBJECTS: { sqlState: '2BP01', http: 409, blame: 'query' },
  FEATURE_NOT_SUPPORTED: { sqlState: '0A000', http: 501, blame: 'query' },
  ACTIVE_TRANSACTION: { sqlState: '25001', http: 409, blame: 'query' },
  OBJECT_NOT_IN_STATE: { sqlState: '55000', http: 409, blame: 'query' },
  OBJECT_IN_USE: { sqlState: '55006', http: 409, blame: 'environment' },
  NO_ACTIVE_TRANSACTION: { sqlState: '25P01', http: 409, blame: 'query' },
  INVALID_SAVEPOINT: { sqlState: '3B001', http: 409, blame: 'query' },
  READ_ONLY_TRANSACTION: { sqlState: '25006', http: 403, blame: 'query' },
  FAILED_TRANSACTION: { sqlState: '25P02', http: 409, blame: 'query' },
  SERIALIZATION_FAILURE: { sqlState: '40001', http: 409, blame: 'environment' },
  DIVISION_BY_ZERO: { sqlState: '22012', http: 400, blame: 'data' },
  NUMERIC_OUT_OF_RANGE: { sqlState: '22003', http: 400, blame: 'data' },
  INVALID_TEXT_REPRESENTATION: { sqlState: '22P02', http: 400, blame: 'data' },
  UNTRANSLATABLE_CHARACTER: { sqlState: '22P05', http: 400, blame: 'data' },
  INVALID_BINARY_REPRESENTATION: { sqlState: '22P03', http: 400, blame: 'data' },
  INVALID_DATETIME_FORMAT: { sqlState: '22007', http: 400, blame: 'data' },
  DATETIME_OVERFLOW: { sqlState: '22008', http: 400, blame: 'data' },
  INVALID_TIME_ZONE_DISPLACEMENT: { sqlState: '22009', http: 400, blame: 'data' },
  INTERVAL_OVERFLOW: { sqlState: '22015', http: 400, blame: 'data' },
  ARRAY_SUBSCRIPT_ERROR: { sqlState: '2202E', http: 400, blame: 'data' },
  DUPLICATE_JSON_KEY: { sqlState: '22030', http: 400, blame: 'data' },
  INVALID_JSON_DATETIME_ARGUMENT: { sqlState: '22031', http: 400, blame: 'data' },
  INVALID_JSON_SUBSCRIPT: { sqlState: '22033', http: 400, blame: 'data' },
  NO_JSON_ITEM: { sqlState: '22035', http: 400, blame: 'data' },
  NON_NUMERIC_JSON_ITEM: { sqlState: '22036', http: 400, blame: 'data' },
  SINGLETON_JSON_ITEM_REQUIRED: { sqlState: '22038', http: 400, blame: 'data' },
  JSON_ARRAY_NOT_FOUND: { sqlState: '22039', http: 400, blame: 'data' },
  JSON_MEMBER_NOT_FOUND: { sqlState: '2203A', http: 400, blame: 'data' },
  JSON_NUMBER_NOT_FOUND: { sqlState: '2203B', http: 400, blame: 'data' },
  JSON_OBJECT_NOT_FOUND: { sqlState: '2203C', http: 400, blame: 'data' },
  SEQUENCE_LIMIT_EXCEEDED: { sqlState: '2200H', http: 400, blame: 'data' },
  DATA_EXCEPTION: { sqlState: '22000', http: 400, blame: 'data' },
  STRING_LENGTH_MISMATCH: { sqlState: '22026', http: 400, blame: 'data' },
  STRING_TOO_LONG: { sqlState: '22001', http: 400, blame: 'data' },
  SUBSTRING_ERROR: { sqlState: '22011', http: 400, blame: 'data' },
  INVALID_USE_OF_ESCAPE_CHARACTER: { sqlState: '2200C', http: 400, blame: 'data' },
  INVALID_ESCAPE: { sqlState: '22025', http: 400, blame: 'data' },
  INVALID_REGULAR_EXPRESSION: { sqlState: '2201B', http: 400, blame: 'data' },
  INVALID_LOGARITHM: { sqlState: '2201E', http: 400, blame: 'data' },
  INVALID_POWER: { sqlState: '2201F', http: 400, blame: 'data' },
  INVALID_WIDTH_BUCKET: { sqlState: '2201G', http: 400, blame: 'data' },
  INVALID_ARGUMENT_FOR_NTILE: { sqlState: '22014', http: 400, blame: 'data' },
  INVALID_ARGUMENT_FOR_NTH_VALUE: { sqlState: '22016', http: 400, blame: 'data' },
  INVALID_SAMPLE_ARGUMENT: { sqlState: '2202H', http: 400, blame: 'data' },
  INVALID_SAMPLE_REPEAT: { sqlState: '2202G', http: 400, blame: 'data' },
  INVALID_FRAME_OFFSET: { sqlState: '22013', http: 400, blame: 'data' },
  INVALID_LIMIT: { sqlState: '2201W', http: 400, blame: 'data' },
  INVALID_OFFSET: { sqlState: '2201X', http: 400, blame: 'data' },
  INVALID_TABLE_DEFINITION: { sqlState: '42P16', http: 400, blame: 'query' },
  INVALID_FOREIGN_KEY: { sqlState: '42830', http: 400, blame: 'query' },
  GENERATED_ALWAYS: { sqlState: '428C9', http: 400, blame: 'query' },
  WITH_CHECK_OPTION_VIOLATION: { sqlState: '44000', http: 400, blame: 'data' },
  INVALID_OBJECT_DEFINITION: { sqlState: '42P17', http: 400, blame: 'query' },
  CANNOT_CHANGE_PARAMETER: { sqlState: '55P02', http: 400, blame: 'query' },
  UNIQUE_VIOLATION: { sqlState: '23505', http: 409, blame: 'data' },
  CHECK_VIOLATION: { sqlState: '23514', http: 400, blame: 'data' },
  FOREIGN_KEY_VIOLATION: { sqlState: '23503', http: 409, blame: 'data' },
  NOT_NULL_VIOLATION: { sqlState: '23502', http: 400, blame: 'data' },
  INVALID_ENCODING: { sqlState: '22021', http: 400, blame: 'data' },
  BAD_FILE: { sqlState: '22P04', http: 422, blame: 'data' },
  FILE_NOT_FOUND: { sqlState: '58P01', http: 404, blame: 'environment' },
  IO_ERROR: { sqlState: '58030', http: 502, blame: 'environment' },
  INSUFFICIENT_PRIVILEGE: { sqlState: '42501', http: 403, blame: 'query' },
  INVALID_AUTHORIZATION: { sqlState: '28000', http: 401, blame: 'query' },
  INVALID_PASSWORD: { sqlState: '28P01', http: 401, blame: 'query' },
  PROTOCOL_VIOLATION: { sqlState: '08P01', http: 400, blame: 'query' },
  ADDRESS_IN_USE: { sqlState: '58000', http: 503, blame: 'environment' },
  CONNECTION_FAILURE: { sqlState: '08006', http: 502, blame: 'environment' },
  DISK_FULL: { sqlState: '53100', http: 507, blame: 'environment' },
  OUT_OF_MEMORY: { sqlState: '53200', http: 507, blame: 'environment' },
  TOO_MANY_CONNECTIONS: { sqlState: '53300', http: 503, blame: 'environment' },
  CONFIGURATION_LIMIT: { sqlState: '53400', http: 413, blame: 'environment' },
  FUNCTION_FAILED: { sqlState: '38000', http: 400, blame: 'query' },
  QUERY_CANCELED: { sqlState: '57014', http: 499, blame: 'query' },
  ADMIN_SHUTDOWN: { sqlState: '57P01', http: 503, blame: 'environment' },
  MODEL_NOT_FITTED: { sqlState: '22000', http: 400, blame: 'data' },
  DATA_CORRUPTED: { sqlState: 'XX001', http: 500, blame: 'environment' },
  INTERNAL_ERROR: { sqlState: 'XX000', http: 500, blame: 'heddle' },
} as const satisfies Readonly<Record<string, ErrorEntry>>

export type ErrorCode = keyof typeof errorRegistry

/** What an error may say beyond its message; every field is shown to the user when present. */
export interface ErrorDetails {
  /** Where in the statement's text. */
  readonly span?: Span
  readonly expected?: string
  readonly found?: string
  readonly hint?: string
  readonly detail?: string
  /** Where in a value, for what lies within one; PostgreSQL's CONTEXT. */
  readonly context?: string
  /** For data errors: the file, and row and column where they are known (rows count from 1). */
  readonly file?: string
  readonly row?: number
  readonly column?: string
  /** Of a broken constraint: its name, and the schema and name of its table. */
  readonly constraint?: string
  readonly schema?: string
  readonly table?: string
  /** What a user's function threw, as an encoded value. */
  readonly thrown?: Uint8Array
  readonly cause?: unknown
}

/** An error with a registered code: the user's query, data or environment is at fault. */
export class QueryError extends Error {
  override readonly name = 'QueryError'
  readonly code: ErrorCode
  readonly details: ErrorDetails

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.details = details
  }

  get sqlState(): string {
    return errorRegistry[this.code].sqlState
  }
}

/** The error for something Heddle does not do yet; PostgreSQL's 0A000. */
export function notSupported(what: string, span?: Span): QueryError {
  const details = span === undefined ? {} : { span }
  return new QueryError('FEATURE_NOT_SUPPORTED', `not supported: ${what}`, details)
}

/** A {@link QueryError} as plain data, for crossing threads and processes. */
export interface ErrorData {
  readonly code: ErrorCode
  readonly message: string
  readonly details: Omit<ErrorDetails, 'cause'>
}

/**
 * The error for a statement that nests too deeply for the stack, in PostgreSQL's words; undefined for
 * what is no overflow of the stack. The engine's own bounds are met before in all but odd statements.
 */
export function stackOverflow(error: unknown): QueryError | undefined {
  if (!(error instanceof RangeError) || !/call stack/.test(error.message)) return undefined
  return new QueryError('STATEMENT_TOO_COMPLEX', 'stack depth limit exceeded', {
    hint: 'Nest the statement less deeply, or split it.',
    cause: error,
  })
}

export function errorToData(error: unknown): ErrorData {
  const overflow = stackOverflow(error)
  if (overflow !== undefined) return errorToData(overflow)
  if (error instanceof QueryError) {
    const { cause: _cause, ...details } = error.details
    return { code: error.code, message: error.message, details }
  }
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return { code: 'INTERNAL_ERROR', message, details: {} }
}

export function errorFromData(data: ErrorData): QueryError {
  return new QueryError(data.code, data.message, data.details)
}
