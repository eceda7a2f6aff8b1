/**
 * PostgreSQL's names of encodings for clients, without punctuation: those that say what is UTF-8 or a part of it, and the
 * others.
 */
export const encodingKinds: ReadonlyMap<string, 'utf8' | 'other'> = new Map([
  ...['utf8', 'unicode', 'sqlascii'].map((name) => [name, 'utf8'] as const),
  ...(
    'big5 eucjp euccn euckr euctw eucjis2004 gb18030 gbk iso88595 iso88596 iso88597 iso88598 johab ' +
    'koi8 koi8r koi8u latin1 latin2 latin3 latin4 latin5 latin6 latin7 latin8 latin9 latin10 ' +
    'iso88591 iso88592 iso88593 iso88594 iso88599 muleinternal sjis shiftjis shiftjis2004 ' +
    'uhc win866 win874 win1250 win1251 win1252 win1253 win1254 win1255 win1256 win1257 ' +
    'win1258 windows1250 windows1251 windows1252 alt abc tcvn vscii mskanji'
  )
    .split(' ')
    .map((name) => [name, 'other'] as const),
])
