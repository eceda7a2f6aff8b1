import { QueryError } from '../base/errors.ts'
import type { AddressInfo, Server } from 'node:net'

/** Starts listening; gives the port, rejects with what went wrong (address in use, not permitted). */
export function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, host, port)))
    server.listen(port, host, () => {
      server.removeAllListeners('error')
      resolve((server.address() as AddressInfo).port)
    })
  })
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): Error {
  switch (error.code) {
    case 'EADDRINUSE':
      return new QueryError('ADDRESS_IN_USE', `port ${port} of ${host} is in use`, {
        hint: 'Stop what listens there, or choose another port.',
        cause: error,
      })
    case 'EACCES':
    case 'EADDRNOTAVAIL':
      return new QueryError('ADDRESS_IN_USE', `cannot listen on port ${port} of ${host}`, {
        detail: error.message,
        cause: error,
      })
    case undefined:
    default:
      return error
  }
}
