#!/usr/bin/env bash
# Stage, build and test on Spark, in its own environment (make spark).
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

variables="$(contrail spark env)"
eval "$variables"
echo "==> spark: stage"
contrail stage --target spark
echo "==> spark: build"
dbt build --target spark --target-path target/spark
