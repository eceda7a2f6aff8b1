import { binaryCells } from '../../data/binary/binary-cells.ts'
import type { ByteWriter } from '../../data/vectors/byte-writer.ts'
import type { ResultColumn } from '../results/result.ts'
import { BINARY_SIGNATURE } from './binary-rows.ts'
import type { RowWriter } from './row-writer.ts'

/** The binary format: a signature, flags and an extension of no bytes, rows, and -1 in the place of a row's width. */
export function binaryWriter(columns: readonly ResultColumn[]): RowWriter {
  return {
    head(out) {
      out.copy(BINARY_SIGNATURE, 0, BINARY_SIGNATURE.length)
      out.int32(0)
      out.int32(0)
    },
    tail(out) {
      out.int16(-1)
    },
    rows(piece) {
      const writers = piece.columns.map((cells, at) => binaryCells(cells, columns[at]!.type))
      return (out: ByteWriter, row: number) => {
        out.int16(writers.length)
        for (const write of writers) {
          const start = out.at
          out.int32(-1)
          if (write(out, row)) out.setInt32(start, out.at - start - 4)
        }
      }
    },
  }
}
