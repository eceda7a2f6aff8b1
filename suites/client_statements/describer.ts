import { Client } from 'pg'
import type { ClientConfig, Connection, Submittable } from 'pg'

/** What a server says of a statement before it runs it. */
export interface Described {
  readonly code: string | undefined
  readonly message: string
  /** OIDs of the types of $1, $2, ... */
  readonly parameters: readonly number[]
  readonly columns: readonly string[]
  /** Rows that it gave; undefined where it has parameters, which nobody knows. */
  readonly rows: readonly string[] | undefined
}

interface Field {
  readonly name: string
  readonly dataTypeID: number
}

/** OIDs from here on are those of objects that users made, which no two servers have alike. */
const OWN_OID_MIN = 16_384

/** A statement that takes longer hangs. */
const ANSWER_MS_MAX = 10_000

/** Parses and describes a statement, or runs it. */
class DescribedQuery implements Submittable {
  readonly #text: string
  readonly #done: (described: Described) => void
  #parameters: readonly number[] = []
  #columns: readonly string[] = []
  #failure: { code?: string; message: string } | undefined
  readonly #rows: string[] | undefined

  constructor(text: string, runs: boolean, done: (described: Described) => void) {
    this.#text = text
    this.#rows = runs ? [] : undefined
    this.#done = done
  }

  submit(connection: Connection): void {
    if (this.#rows !== undefined) {
      connection.query(this.#text)
      return
    }
    connection.once('parameterDescription', ({ dataTypeIDs }: { dataTypeIDs: number[] }) => {
      this.#parameters = dataTypeIDs
    })
    connection.parse({ name: '', text: this.#text, types: [] }, false)
    connection.describe({ type: 'S', name: '' }, false)
    connection.sync()
  }

  handleRowDescription({ fields }: { readonly fields: readonly Field[] }): void {
    this.#columns = fields.map(({ name, dataTypeID }) => {
      return `${name}:${dataTypeID < OWN_OID_MIN ? dataTypeID : 'own'}`
    })
  }

  handleDataRow({ fields }: { readonly fields: readonly unknown[] }): void {
    this.#rows?.push(JSON.stringify(fields.map((field) => (field === null ? null : String(field)))))
  }

  handleCommandComplete(): void {}

  handleEmptyQuery(): void {}

  handleParseComplete(): void {}

  handlePortalSuspended(): void {}

  handleCopyInResponse(connection: { endCopyFrom(): void }): void {
    connection.endCopyFrom()
  }

  handleCopyData(): void {}

  handleError(error: { readonly code?: string; readonly message: string }): void {
    this.#failure = error
    this.#end()
  }

  handleReadyForQuery(): void {
    this.#end()
  }

  #end(): void {
    this.#done({
      code: this.#failure?.code,
      message: this.#failure?.message ?? '',
      parameters: this.#parameters,
      columns: this.#columns,
      rows: this.#failure === undefined ? this.#rows : undefined,
    })
  }
}

/** A connection that describes a statement at a time. */
export class Describer {
  readonly #client: Client

  private constructor(client: Client) {
    this.#client = client
    client.on('error', () => {})
  }

  static async open(config: ClientConfig): Promise<Describer> {
    const client = new Client(config)
    await client.connect()
    return new Describer(client)
  }

  async run(text: string): Promise<void> {
    await this.#client.query(text)
  }

  async ask(text: string): Promise<Described> {
    const described = await this.#query(text, false)
    if (described.code !== undefined || described.parameters.length > 0) return described
    const { code, message, rows } = await this.#query(text, true)
    return { ...described, code, message, rows }
  }

  #query(text: string, runs: boolean): Promise<Described> {
    return new Promise((resolve) => {
      const give = (code: string): void =>
        resolve({ code, message: '', parameters: [], columns: [], rows: undefined })
      const timer = setTimeout(() => give('no answer'), ANSWER_MS_MAX)
      this.#client.once('end', () => give('connection lost'))
      this.#client.query(
        new DescribedQuery(text, runs, (described) => {
          clearTimeout(timer)
          resolve(described)
        }),
      )
    })
  }

  /** Without waiting for the server: one that hangs would never end. */
  close(): void {
    void this.#client.end().catch(() => {})
  }
}
