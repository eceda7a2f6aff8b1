// Train in SQL, predict in SQL.
import { connect } from 'heddle'

const db = await connect()
await db.query(`create table houses as select * from (values
  (50, 2, 150), (80, 3, 235), (120, 4, 350), (65, 2, 190), (95, 3, 280)) h (area, rooms, price)`)

await db.query(`create model prices with (model_class = 'LinearRegression', target_column = 'price')
  as select area, rooms, price from houses`)

const predicted = await db.query(`select area, rooms, round(price::numeric, 1) as price
  from predict(model prices, select 100 as area, 3 as rooms)`)
console.log(predicted.rows())

await db.close()
