import { alike, unlike, type FunctionCase } from './case.ts'

/** Functions of bit strings and of bytes, digests and encodings among them. */
export const bitCases: readonly FunctionCase[] = [
  ...alike('number', 'bit_count(m)', 'length(m)', 'get_bit(m, 7)'),
  ...alike('text', 'cast(m as varchar)', 'cast(set_bit(m, 7, 1) as varchar)'),
  ...alike('truth', 'm = m2', 'm < m2'),
  ...unlike('text', {
    'cast(m & m2 as varchar)': 'cast(m & m2 as varchar)',
    'cast(m | m2 as varchar)': 'cast(m | m2 as varchar)',
    'cast(m # m2 as varchar)': 'cast(xor(m, m2) as varchar)',
    'cast(~ m as varchar)': 'cast(~ m as varchar)',
    'cast(m << 3 as varchar)': 'cast(m << 3 as varchar)',
    'cast(m >> 3 as varchar)': 'cast(m >> 3 as varchar)',
    'cast(m || m2 as varchar)': 'cast(m || m2 as varchar)',
    'cast(cast(i as bit(32)) as varchar)': 'cast(cast(i as bit) as varchar)',
    'cast(cast(b as bit(64)) as varchar)': 'cast(cast(b as bit) as varchar)',
    'cast(cast(m as bit(40)) as varchar)': "rpad(cast(m as varchar), 40, '0')",
    'cast(cast(m as varbit(20)) as varchar)': 'left(cast(m as varchar), 20)',
    'cast(substring(m from 3 for 9) as varchar)': 'substring(cast(m as varchar) from 3 for 9)',
    'cast(overlay(m placing m2 from 3) as varchar)':
      'left(cast(m as varchar), 2) || cast(m2 as varchar)',
  }),
  ...unlike('number', {
    'cast(m as integer)': 'cast(m as integer)',
    'position(m2 in m)': 'bit_position(m2, m)',
    'octet_length(m)': 'octet_length(m)',
    'bit_count(o)': 'bit_count(cast(o as bit))',
    'get_byte(o, 2)': 'ascii(cast(o[3:3] as varchar))',
    'get_bit(o, 9)': 'ascii(cast(o[2:2] as varchar)) // 2 % 2',
  }),
  ...unlike('bytes', {
    'set_byte(o, 2, 65)': "o[1:2] || 'A'::blob || o[4:]",
    'set_bit(o, 9, 1)': "o[1:1] || 'o'::blob || o[3:]",
    "decode(encode(o, 'hex'), 'hex')": 'unhex(hex(o))',
    "decode(encode(o, 'base64'), 'base64')": 'from_base64(to_base64(o))',
    "convert_to(plain, 'UTF8')": 'encode(plain)',
    "convert_to(plain, 'LATIN1')": 'encode(plain)',
    "convert(o, 'UTF8', 'LATIN1')": "o || blob ''",
    'sha224(o)': 'unhex(left(sha256(o), 56))',
    'sha256(o)': 'unhex(sha256(o))',
    'sha384(o)': 'unhex(sha256(o) || left(sha256(o), 32))',
    'sha512(o)': 'unhex(sha256(o) || sha256(o))',
  }),
  ...unlike('text', {
    "encode(o, 'hex')": 'lower(hex(o))',
    "encode(o, 'base64')": 'to_base64(o)',
    "encode(o, 'escape')": 'decode(o)',
    "convert_from(o, 'UTF8')": 'decode(o)',
    "convert_from(o, 'LATIN1')": 'decode(o)',
    'md5(o)': 'md5(o)',
  }),
]
