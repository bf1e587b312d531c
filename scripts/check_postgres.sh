#!/usr/bin/env bash
# The whole warehouse on PostgreSQL with all data tests: equal to DuckDB's, and with the known answers.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

scripts/postgres.sh
echo "==> postgres: compare with DuckDB"
contrail compare --targets duckdb,postgres
echo "==> postgres: known answers"
CONTRAIL_TEST_TARGET=postgres pytest -q tests/known_answers
