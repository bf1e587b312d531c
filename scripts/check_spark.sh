#!/usr/bin/env bash
# The warehouse on Spark: the tests of tests/spark, in the environment of Spark.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

variables="$(contrail spark env)"
eval "$variables"
# Short queries: what a better compiler would save, it costs.
export CONTRAIL_SPARK_JAVA_OPTIONS="${CONTRAIL_SPARK_JAVA_OPTIONS:--XX:TieredStopAtLevel=1 -XX:+UseSerialGC}"
export CONTRAIL_SPARK_SHUFFLE_PARTITIONS=4
echo "==> spark: pytest"
scripts/pytest.sh tests/spark "$@"
