/** One stop of the tour. */
export interface TourQuery {
  /** Short, for tables of figures. */
  readonly name: string
  /** What the query asks, in words. */
  readonly question: string
  readonly sql: string
}

/** The tour's queries over `flights` (Parquet, 3 million rows) and `airports` (CSV). */
export const tourQueries: readonly TourQuery[] = [
  {
    name: 'scan and filter',
    question: 'How many flights of over 1000 miles were more than an hour late, and how late?',
    sql: `select count(*) as flights, avg(delay) as mean_delay, max(delay) as worst_delay
from flights
where distance > 1000 and delay > 60`,
  },
  {
    name: 'join and group',
    question: 'Which states have the most departures, and how late are they?',
    sql: `select a.state, count(*) as flights, avg(f.delay) as mean_delay
from flights f join airports a on f.origin = a.iata
group by a.state
order by flights desc, a.state
limit 10`,
  },
  {
    name: 'top-k',
    question: 'Which flights were the latest of all?',
    sql: `select date, origin, destination, distance, delay
from flights
order by delay desc, date, origin, destination
limit 5`,
  },
]

/** Trains on the flights and predicts for airports pairs that the data has. */
export const tourModel = {
  train: `create model delays with (model_class = 'LinearRegression', target_column = 'delay') as
select delay, distance, date_part('hour', date) as hour
from flights`,
  predict: `select hour, distance, round(delay::numeric, 1) as predicted_delay
from predict(model delays, select h::float8 as hour, d as distance
  from (values (6), (12), (18), (23)) hours (h), (values (300), (2500)) distances (d))
order by hour, distance`,
  describe: 'describe model delays',
}
