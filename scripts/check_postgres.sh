#!/usr/bin/env bash
# The whole warehouse on PostgreSQL with all data tests, the known answers among them, and equal to DuckDB's.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

scripts/postgres.sh
echo "==> postgres: compare with DuckDB"
contrail compare --targets duckdb,postgres
