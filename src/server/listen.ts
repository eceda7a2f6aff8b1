import type { AddressInfo, Server } from 'node:net'

/** Starts listening; gives the port, rejects with what went wrong (address in use, not permitted). */
export function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve((server.address() as AddressInfo).port)
    })
  })
}
