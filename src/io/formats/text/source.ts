import type { FileEntry } from '../../../plan/catalog/catalog.ts'
import type { ReaderEnvironment } from '../../scan/source.ts'
import { openFile, type ByteSource } from '../byte-source.ts'
import { openGzip } from '../gzip-source.ts'
import type { TextDialect } from './dialect.ts'
import { newlineSource } from './line-ends.ts'

/** The bytes of a text file, decompressed, with newlines between its lines. */
export function openTextSource(
  file: FileEntry,
  dialect: Pick<TextDialect, 'compression' | 'lineEnd' | 'quote'>,
  env: ReaderEnvironment,
): ByteSource {
  const source = dialect.compression === 'gzip' ? openGzip(file, env) : openFile(file)
  return dialect.lineEnd === 'return' ? newlineSource(source, dialect.quote) : source
}

/** Whether a file of such a dialect can be read from its middle. */
export function isSplittable(dialect: Pick<TextDialect, 'compression' | 'lineEnd'>): boolean {
  return dialect.compression === 'none' && dialect.lineEnd === 'newline'
}
