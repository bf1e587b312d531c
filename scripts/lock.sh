#!/usr/bin/env bash
# Renew requirements.lock, and requirements-spark.lock which has the same and Spark: every package of
# every supported platform and Python, by hash.
# Addresses are left out, so the lock works with whatever registry or mirror pip is set up for.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT
"${1:-python3}" -m venv "$scratch/venv"
"$scratch/venv/bin/python" -m pip install --quiet --disable-pip-version-check uv==0.13.9

compile() {
    local lock="$1"
    shift
    # A new file each time, so that every package moves to its newest allowed version.
    "$scratch/venv/bin/uv" pip compile pyproject.toml "$@" \
        --extra dev \
        --universal \
        --python-version 3.11 \
        --generate-hashes \
        --no-strip-extras \
        --no-emit-index-url \
        --no-annotate \
        --custom-compile-command "make lock" \
        --output-file "$scratch/$lock" >/dev/null
    mv "$scratch/$lock" "$lock"
    echo "$lock: $(grep -c '==' "$lock") packages"
}

compile requirements.lock --extra postgres --extra report
compile requirements-spark.lock --extra postgres --extra report --extra spark --constraint requirements.lock
