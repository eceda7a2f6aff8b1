import { QueryError } from '../../../base/errors.ts'

/** Why a text is no date or time, thrown by readers that do not know of what type it should be. */
export type Fault = 'format' | 'field' | 'month-or-day' | 'zone'

export class DatetimeFault extends Error {
  readonly fault: Fault

  constructor(fault: Fault) {
    super(fault)
    this.fault = fault
  }
}

/** The error that PostgreSQL raises; `type` as its messages name it. */
export function datetimeError(fault: Fault, source: string, type: string): QueryError {
  switch (fault) {
    case 'format': {
      const message = `invalid input syntax for type ${type}: "${source}"`
      return new QueryError('INVALID_DATETIME_FORMAT', message)
    }
    case 'field':
    case 'month-or-day': {
      const message = `date/time field value out of range: "${source}"`
      const hint = { hint: 'Perhaps you need a different "datestyle" setting.' }
      return new QueryError('DATETIME_OVERFLOW', message, fault === 'field' ? {} : hint)
    }
    case 'zone': {
      const message = `time zone displacement out of range: "${source}"`
      return new QueryError('INVALID_TIME_ZONE_DISPLACEMENT', message)
    }
  }
}

export function outOfRange(what: string, source: string): QueryError {
  return new QueryError('DATETIME_OVERFLOW', `${what} out of range: "${source}"`)
}

export function unknownZone(name: string): QueryError {
  return new QueryError('INVALID_PARAMETER_VALUE', `time zone "${name}" not recognized`)
}
