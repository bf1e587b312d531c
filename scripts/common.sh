# Shared by the scripts that the Makefile calls; not for calling by hand.
set -euo pipefail
: "${CONTRAIL_DATA:=data}"
export CONTRAIL_DATA
# Each run of dbt is remembered with the commit of the repository (docs/runs.md).
: "${CONTRAIL_GIT_SHA:=$(git rev-parse HEAD 2>/dev/null || true)}"
export CONTRAIL_GIT_SHA
[ -t 1 ] || export DBT_USE_COLORS=false

# What the warehouse is made from: the project's files on one line, the landed data on the other.
fingerprints() {
    local tests
    mapfile -t tests < <(find tests -name '*.sql' -not -path '*/*_project/*')
    python scripts/fingerprint.py \
        dbt_project.yml profiles.yml models macros seeds requirements.lock "${tests[@]}"
    python scripts/fingerprint.py "$CONTRAIL_DATA/landing/_log"
}

# The wide view answers: the warehouse is really there, not only its stamp.
answers() {
    contrail query --unpublished "select 1 as answer from flights limit 1" --format csv >/dev/null 2>&1
}
