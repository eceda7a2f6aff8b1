import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from 'node:crypto'
import { QueryError } from '../../base/errors.ts'
import { violation } from './frontend-messages.ts'

export const SCRAM_MECHANISM = 'SCRAM-SHA-256'
const ITERATIONS = 4_096
const KEY_BYTES = 32

/**
 * What a server keeps of its password: keys derived from it, once, so that a client that only begins
 * to authenticate costs next to nothing.
 */
export class ScramSecret {
  readonly salt = randomBytes(16)
  readonly storedKey: Buffer
  readonly serverKey: Buffer

  constructor(password: string) {
    const salted = pbkdf2Sync(password, this.salt, ITERATIONS, KEY_BYTES, 'sha256')
    this.storedKey = createHash('sha256').update(hmac(salted, 'Client Key')).digest()
    this.serverKey = hmac(salted, 'Server Key')
  }
}

/** The server's side of SCRAM-SHA-256 (RFC 5802, RFC 7677) for one connection. */
export class ScramExchange {
  readonly #secret: ScramSecret
  readonly #user: string
  #clientFirstBare = ''
  #serverFirst = ''
  #clientHeader = ''

  constructor(user: string, secret: ScramSecret) {
    this.#user = user
    this.#secret = secret
  }

  /** Answers SASLInitialResponse (mechanism, length, client-first-message). */
  first(body: Buffer): string {
    const end = body.indexOf(0)
    if (end < 0 || body.toString('utf8', 0, end) !== SCRAM_MECHANISM) {
      throw violation('client selected an invalid SASL authentication mechanism')
    }
    const match = /^([ny],(?:a=[^,]*)?,)(n=[^,]*,r=([^,]+).*)$/s.exec(
      body.toString('utf8', end + 5),
    )
    if (match === null) throw violation('malformed SCRAM message')
    const [, header = '', bare = '', nonce = ''] = match
    this.#clientHeader = header
    this.#clientFirstBare = bare
    const serverNonce = randomBytes(18).toString('base64')
    this.#serverFirst = `r=${nonce}${serverNonce},s=${this.#secret.salt.toString('base64')},i=${ITERATIONS}`
    return this.#serverFirst
  }

  /** Checks the client's proof and answers with the server's. Throws INVALID_PASSWORD. */
  final(body: Buffer): string {
    const match = /^(c=([^,]*),r=([^,]*)),p=(.*)$/s.exec(body.toString('utf8'))
    if (match === null) throw violation('malformed SCRAM message')
    const [, withoutProof = '', binding = '', nonce = '', proof = ''] = match
    const expectedNonce = /^r=([^,]*)/.exec(this.#serverFirst)?.[1]
    const expectedBinding = Buffer.from(this.#clientHeader).toString('base64')
    const signed = `${this.#clientFirstBare},${this.#serverFirst},${withoutProof}`
    const signature = hmac(this.#secret.storedKey, signed)
    const given = Buffer.from(proof, 'base64')
    const wellFormed =
      nonce === expectedNonce && binding === expectedBinding && given.length === KEY_BYTES
    const clientKey = Buffer.from(signature.map((byte, i) => byte ^ (given[i] ?? 0)))
    const storedKey = createHash('sha256').update(clientKey).digest()
    if (!wellFormed || !timingSafeEqual(storedKey, this.#secret.storedKey)) {
      throw new QueryError(
        'INVALID_PASSWORD',
        `password authentication failed for user "${this.#user}"`,
      )
    }
    return `v=${hmac(this.#secret.serverKey, signed).toString('base64')}`
  }
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}
