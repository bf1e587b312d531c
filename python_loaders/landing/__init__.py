"""The landing zone: immutable Parquet files, and the log that says which of them count."""
