import type { EnumType } from '../../src/data/types/data-type.ts'

/** An enum as CREATE TYPE weekday AS ENUM ('mon', 'sun') makes it. */
export const weekday: EnumType = {
  kind: 'enum',
  id: 16_384,
  name: 'weekday',
  labels: [
    { code: 0, label: 'mon' },
    { code: 1_024, label: 'sun' },
  ],
}
