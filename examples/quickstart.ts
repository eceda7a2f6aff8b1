// Tables in memory, parameters, and the answer as rows, columns and Arrow.
import { connect } from 'heddle'

const db = await connect({ threads: 2 })

await db.query('create table readings (sensor text, at timestamp, celsius numeric(5, 2))')
await db.query(`insert into readings values
  ('attic', '2024-06-01 12:00', 31.25), ('attic', '2024-06-01 13:00', 32.50),
  ('cellar', '2024-06-01 12:00', 14.00), ('cellar', '2024-06-01 13:00', null)`)

const limit = '20.00'
const warm = await db.sql`
  select sensor, count(*) as readings, avg(celsius) as mean
  from readings where celsius > ${limit} group by sensor`
console.log(warm.rows())

const all = await db.query('select sensor, celsius from readings order by sensor, at')
console.log(all.toArrow().numRows, 'rows as an Arrow table')

await db.close()
