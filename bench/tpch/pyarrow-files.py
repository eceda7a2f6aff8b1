"""Writes TPC-H's tables as pyarrow does by default: pyarrow-files.py FOLDER.

Reads FOLDER/*.snappy.parquet and writes FOLDER/*.pyarrow.parquet: row groups of 1,048,576 rows with pages of a
megabyte, decimals as bytes of fixed width.
"""
import glob
import os
import sys

import pyarrow.parquet as parquet

for source in glob.glob(os.path.join(sys.argv[1], "*.snappy.parquet")):
    target = source.replace(".snappy.", ".pyarrow.")
    parquet.write_table(parquet.read_table(source), target + ".partial")
    os.rename(target + ".partial", target)
