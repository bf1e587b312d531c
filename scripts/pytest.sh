#!/usr/bin/env bash
# pytest on all cores; the arguments are pytest's.
set -euo pipefail

# DuckDB's Python binding lists its own leftovers when a long process ends; the closing line of
# pytest would drown in them, so just those lines are taken out.
leftovers='/^nanobind: /d; /^ - leaked /d; /^ - [.][.][.] skipped/d; /^See .*nanobind/d'
pytest --numprocesses auto --dist loadfile --no-loadscope-reorder "$@" 2> >(sed "$leftovers" >&2)
