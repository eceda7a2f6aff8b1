import { textOfUtf8 } from '../../base/utf8.ts'
import type { LogDisk } from './disk.ts'
import { FORMAT_VERSION, readFrame, writeFrameHeader, FRAME_BYTES } from './frames.ts'
import { damagedLog, logError, newerFolder } from './log-errors.ts'
import { readPlain, writePlain } from './plain-values.ts'
import type { CatalogEdit } from './catalog-edits.ts'
import type { ChunkText, VectorText } from './records.ts'

/** All that there is at one moment; the log goes on from there. */
export interface Manifest {
  readonly version: number
  /** The first file of the log to be read, and the number of its first record. */
  readonly segment: number
  readonly record: number
  /** Above the numbers of all vectors and chunks. */
  readonly nextId: number
  readonly vectors: readonly PlacedVectorText[]
  readonly chunks: readonly ChunkText[]
  /** From nothing. */
  readonly edits: readonly CatalogEdit[]
}

/** A column, and where its bytes are. */
export interface PlacedVectorText extends VectorText {
  readonly segment: number
}

const NAME = 'manifest'
const NEW_NAME = 'manifest.new'

export const emptyManifest: Manifest = {
  version: FORMAT_VERSION,
  segment: 1,
  record: 1,
  nextId: 1,
  vectors: [],
  chunks: [],
  edits: [],
}

/** Undefined where there is none. Errors: DATA_CORRUPTED, FEATURE_NOT_SUPPORTED. */
export function readManifest(disk: LogDisk): Manifest | undefined {
  if (!disk.names().includes(NAME)) return undefined
  const bytes = disk.read(NAME, 0, disk.sizeOf(NAME))
  const read = readFrame(bytes, 0)
  if (read === undefined) throw damagedLog(disk.pathOf(NAME), 0, 'its checksum is another')
  if (read.frame.record > FORMAT_VERSION) throw newerFolder(disk.pathOf(NAME), read.frame.record)
  return readPlain(textOfUtf8(read.head)) as unknown as Manifest
}

/** Puts a manifest in the place of the one before: as a whole, or not at all. */
export async function writeManifest(disk: LogDisk, manifest: Manifest): Promise<void> {
  try {
    const head = new TextEncoder().encode(writePlain(manifest))
    const frame = { headBytes: head.length, bodyBytes: 0, record: FORMAT_VERSION, syncedBytes: 0 }
    const file = await disk.create(NEW_NAME)
    await file.write(writeFrameHeader(frame, head), 0)
    await file.write(head, FRAME_BYTES)
    await file.write(new Uint8Array(8), FRAME_BYTES + head.length)
    await file.sync()
    await file.close()
    disk.rename(NEW_NAME, NAME)
    disk.syncNames()
  } catch (error) {
    throw logError(error, 'write', disk.pathOf(NEW_NAME))
  }
}
