"""Makes TPC-DS data and queries with DuckDB's own generator: make.py SCALE FOLDER.

Writes FOLDER/*.parquet and FOLDER/queries.json, the text of each query by its number. Needs duckdb 0.10.3, the
last release whose package has the generator inside.
"""
import json
import os
import sys

import duckdb

scale, folder = sys.argv[1], sys.argv[2]
work = os.path.join(folder, "work.duckdb")
db = duckdb.connect(work)
db.execute("set threads=2")
db.execute(f"load tpcds; call dsdgen(sf={scale})")
queries = db.execute("select query_nr, query from tpcds_queries()").fetchall()
with open(os.path.join(folder, "queries.json"), "w") as file:
    json.dump(dict(queries), file, indent=1)
for (name,) in db.execute("select table_name from information_schema.tables").fetchall():
    path = os.path.join(folder, f"{name}.parquet")
    db.execute(f"copy {name} to '{path}' (format parquet, compression snappy)")
db.close()
os.remove(work)
