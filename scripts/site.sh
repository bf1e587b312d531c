#!/usr/bin/env bash
# Write the documentation as one HTML file that opens without a network, if it is out of date.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

stamp=target/.documented
now="$CONTRAIL_DATA $(fingerprints) $(python scripts/fingerprint.py docs/images)"

if [ -f target/static_index.html ] && [ "$now" = "$(cat "$stamp" 2>/dev/null || true)" ]; then
    echo "==> docs: up to date"
    exit 0
fi

echo "==> docs"
rm -f "$stamp"
dbt --quiet docs generate --static
printf '%s\n' "$now" >"$stamp"
