import { Client } from 'pg'
import type { ClientConfig, Connection, Submittable } from 'pg'

/** What a statement answered: columns and rows as text, or its failure. */
export interface Answer {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly (string | null)[])[]
  readonly tag: string
  /** What COPY ... TO STDOUT sent. */
  readonly copied: string
  readonly code: string | undefined
  readonly message: string
}

/** The connection that ends in the middle is a failure of its own. */
const CONNECTION_LOST = '08006'

interface RowDescription {
  readonly fields: readonly { readonly name: string }[]
}

/** A simple query whose answer is kept as the wire has it; data is sent where it asks for some. */
class TextQuery implements Submittable {
  readonly #text: string
  readonly #copyData: string
  readonly #done: (answer: Answer) => void
  #columns: readonly string[] = []
  #rows: (string | null)[][] = []
  #tag = ''
  #copied = ''

  constructor(text: string, copyData: string, done: (answer: Answer) => void) {
    this.#text = text
    this.#copyData = copyData
    this.#done = done
  }

  submit(connection: Connection): void {
    connection.query(this.#text)
  }

  handleRowDescription({ fields }: RowDescription): void {
    this.#columns = fields.map(({ name }) => name)
    this.#rows = []
  }

  handleDataRow({ fields }: { readonly fields: readonly (Buffer | string | null)[] }): void {
    this.#rows.push(fields.map((field) => (field === null ? null : String(field))))
  }

  handleCommandComplete({ text }: { readonly text: string }): void {
    this.#tag = text
  }

  handleEmptyQuery(): void {
    this.#tag = ''
  }

  handleCopyInResponse(connection: CopyConnection): void {
    connection.sendCopyFromChunk(Buffer.from(this.#copyData))
    connection.endCopyFrom()
  }

  handleCopyData({ chunk }: { readonly chunk: Buffer }): void {
    this.#copied += chunk.toString('latin1')
  }

  /** The client forgets the query here; the next one waits in it until the server is ready. */
  handleError(error: { readonly code?: string; readonly message: string }): void {
    this.#end({ code: error.code ?? CONNECTION_LOST, message: error.message })
  }

  handleReadyForQuery(): void {
    this.#end({ code: undefined, message: '' })
  }

  #end(failure: Pick<Answer, 'code' | 'message'>): void {
    this.#done({
      columns: this.#columns,
      rows: this.#rows,
      tag: this.#tag,
      copied: this.#copied,
      ...failure,
    })
  }
}

interface CopyConnection {
  sendCopyFromChunk(chunk: Buffer): void
  endCopyFrom(): void
}

/** One connection; a statement at a time. */
export class Talker {
  readonly #client: Client
  #lost: string | undefined
  #waiting: ((answer: Answer) => void) | undefined

  private constructor(client: Client) {
    this.#client = client
    const lose = (message: string): void => {
      this.#lost ??= message
      this.#waiting?.(lostAnswer(message))
    }
    client.on('error', (error: Error) => lose(error.message))
    client.on('end', () => lose('the connection ended'))
  }

  static async open(config: ClientConfig): Promise<Talker> {
    const client = new Client(config)
    const talker = new Talker(client)
    await client.connect()
    return talker
  }

  ask(text: string, copyData = ''): Promise<Answer> {
    if (this.#lost !== undefined) return Promise.resolve(lostAnswer(this.#lost))
    return new Promise((resolve) => {
      this.#waiting = resolve
      this.#client.query(new TextQuery(text, copyData, resolve))
    })
  }

  async close(): Promise<void> {
    this.#waiting = undefined
    await this.#client.end()
  }
}

function lostAnswer(message: string): Answer {
  return { columns: [], rows: [], tag: '', copied: '', code: CONNECTION_LOST, message }
}
