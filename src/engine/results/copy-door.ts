/** What a client is to know of the rows that it sends or is sent. */
export interface CopyShape {
  readonly isBinary: boolean
  readonly columns: number
}

/** Takes bytes that a COPY TO writes. */
export interface CopySink {
  /**
   * Bytes of whole rows, which are used no longer than until it resolves; `ends`: where each of them ends. Resolves when
   * more may come.
   */
  write(bytes: Uint8Array, ends: readonly number[]): Promise<void>
  /** Nothing comes any more. */
  end(): Promise<void>
  /** After an error. */
  abort(): void
}

/** How a client takes part in COPY FROM STDIN and COPY TO STDOUT; where it cannot, a part is left out. */
export interface CopyDoor {
  /** Called once rows are wanted. */
  read?(shape: CopyShape): AsyncIterable<Uint8Array>
  /** Called before the first row. */
  write?(shape: CopyShape): CopySink
}

/** What `copyFrom` of an embedded statement may be: bytes or texts, in any pieces. */
export type CopyPieces =
  | AsyncIterable<Uint8Array | string>
  | Iterable<Uint8Array | string>
  | Uint8Array
  | string

/** The door of an embedded statement. */
export function embeddedDoor(
  from: CopyPieces | undefined,
  to: ((bytes: Uint8Array) => void | Promise<void>) | undefined,
): CopyDoor {
  return {
    ...(from !== undefined && { read: () => bytesOf(from) }),
    ...(to !== undefined && {
      write: () => ({
        // What is written next lies where this does.
        async write(bytes) {
          await to(bytes.slice())
        },
        end: () => Promise.resolve(),
        abort: () => undefined,
      }),
    }),
  }
}

async function* bytesOf(pieces: CopyPieces): AsyncIterable<Uint8Array> {
  const encoder = new TextEncoder()
  const isWhole = typeof pieces === 'string' || pieces instanceof Uint8Array
  for await (const piece of isWhole ? [pieces] : pieces) {
    yield typeof piece === 'string' ? encoder.encode(piece) : piece
  }
}
