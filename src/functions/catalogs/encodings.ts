import { int4, text } from '../../data/types/data-type.ts'
import { scalar } from '../define.ts'
import type { ScalarFunction } from '../function.ts'

/** Encodings by their numbers in PostgreSQL. */
const encodings = (
  'SQL_ASCII EUC_JP EUC_CN EUC_KR EUC_TW EUC_JIS_2004 UTF8 MULE_INTERNAL LATIN1 LATIN2 LATIN3 LATIN4 LATIN5 ' +
  'LATIN6 LATIN7 LATIN8 LATIN9 LATIN10 WIN1256 WIN1258 WIN866 WIN874 KOI8R WIN1251 WIN1252 ISO_8859_5 ' +
  'ISO_8859_6 ISO_8859_7 ISO_8859_8 WIN1250 WIN1253 WIN1254 WIN1255 WIN1257 KOI8U SJIS BIG5 GBK UHC GB18030 ' +
  'JOHAB SHIFT_JIS_2004'
).split(' ')

const plain = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]/g, '')

export const encodingNames: readonly ScalarFunction[] = [
  scalar({
    name: 'pg_encoding_to_char',
    args: ['int4'],
    returns: text,
    doc: 'The name of an encoding by its number; empty where there is none.',
    example: 'pg_encoding_to_char(6) -- UTF8',
    evaluate: ([number]) => encodings[Number(number)] ?? '',
  }),
  scalar({
    name: 'pg_char_to_encoding',
    args: ['text'],
    returns: int4,
    doc: 'The number of an encoding by its name; -1 where there is none.',
    example: "pg_char_to_encoding('utf-8') -- 6",
    evaluate: ([name]) => encodings.findIndex((one) => plain(one) === plain(String(name))),
  }),
]
