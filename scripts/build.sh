#!/usr/bin/env bash
# Build the warehouse as far as something has changed since the last build that succeeded:
# nothing, or the months that new deliveries touch, or everything when the project changed.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

stamp="$CONTRAIL_DATA/.built"
now="$(fingerprints)"
before="$(cat "$stamp" 2>/dev/null || true)"

if [ "$now" = "$before" ] && answers; then
    echo "==> build: up to date"
    exit 0
fi

rm -f "$stamp"
if [ "$(head -n 1 <<<"$now")" = "$(head -n 1 <<<"$before")" ] && answers; then
    echo "==> build: new deliveries"
    dbt build
else
    echo "==> build: everything"
    dbt build --full-refresh
fi
printf '%s\n' "$now" >"$stamp"
