import { errorRegistry, QueryError } from '../../base/errors.ts'

/** What an error answer holds. */
export interface ErrorBody {
  readonly error: {
    readonly code: string
    readonly sqlState: string
    readonly message: string
    readonly position?: { readonly start: number; readonly end: number }
    readonly expected?: string
    readonly found?: string
    readonly hint?: string
    readonly detail?: string
    readonly file?: string
    readonly row?: number
    readonly column?: string
  }
}

/** An error as its HTTP status and body. Faults of ours say nothing of their insides. */
export function errorAnswer(error: unknown): { readonly status: number; readonly body: ErrorBody } {
  if (!(error instanceof QueryError)) {
    const entry = errorRegistry.INTERNAL_ERROR
    const message = 'internal error'
    return {
      status: entry.http,
      body: { error: { code: 'INTERNAL_ERROR', sqlState: entry.sqlState, message } },
    }
  }
  const { span, cause: _cause, ...details } = error.details
  return {
    status: errorRegistry[error.code].http,
    body: {
      error: {
        code: error.code,
        sqlState: error.sqlState,
        message: error.message,
        ...(span === undefined ? {} : { position: span }),
        ...details,
      },
    },
  }
}
