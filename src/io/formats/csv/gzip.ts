import type { FileEntry } from '../../../plan/catalog/catalog.ts'
import type { ReaderEnvironment } from '../../source.ts'
import { openFile, type ByteSource } from '../byte-source.ts'
import { openGzip } from '../gzip-source.ts'
import type { CsvDialect } from './dialect.ts'

/** The bytes of a text file, decompressed. */
export function openCsvSource(
  file: FileEntry,
  dialect: Pick<CsvDialect, 'compression'>,
  env: ReaderEnvironment,
): ByteSource {
  return dialect.compression === 'gzip' ? openGzip(file, env) : openFile(file)
}
