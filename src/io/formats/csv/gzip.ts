import { notSupported } from '../../../base/errors.ts'
import type { FileEntry } from '../../../plan/catalog/catalog.ts'
import type { ReaderEnvironment } from '../../source.ts'
import { openFile, type ByteSource } from '../byte-source.ts'
import type { CsvDialect } from './dialect.ts'

/** The bytes of a CSV file, decompressed. */
export function openCsvSource(
  file: FileEntry,
  dialect: CsvDialect,
  _env: ReaderEnvironment,
): ByteSource {
  if (dialect.compression === 'gzip') throw notSupported('gzip-compressed CSV')
  return openFile(file)
}
