// The same plan as SQL, built by methods.
import { avg, col, connect, count } from 'heddle'

const db = await connect()
await db.query(`create table flights as select * from (values
  ('SFO', 12), ('SFO', 48), ('LAX', -3), ('ATL', 7)) f (origin, delay)`)

const late = db
  .table('flights')
  .filter(col('delay').gt(0))
  .groupBy('origin')
  .agg({ flights: count(), mean: avg(col('delay')) })
  .sort(col('flights').desc(), 'origin')

console.log(await late.explain())
console.log((await late.collect()).rows())

await db.close()
