#!/usr/bin/env bash
# Stage, build and test on the PostgreSQL server that the environment names.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

echo "==> postgres: stage"
contrail stage --target postgres
echo "==> postgres: build"
dbt build --target postgres --target-path target/postgres
