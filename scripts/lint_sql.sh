#!/usr/bin/env bash
# Usage: scripts/lint_sql.sh [lint|fix]
# sqlfluff over every model and data test, as dbt compiles them. Compiling opens the warehouse,
# so it gets an empty one of its own: linting needs no data and disturbs nobody who queries.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT
export CONTRAIL_DATA="$scratch" DBT_TARGET_PATH="$scratch/target" DBT_LOG_PATH="$scratch/logs"

# (a warning about a semaphore at the end of every parallel run is silenced)
PYTHONWARNINGS=ignore::UserWarning sqlfluff "${1:-lint}" --processes 2 --disable-progress-bar models tests
