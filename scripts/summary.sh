#!/usr/bin/env bash
# The end of `make`: what is there now and where to look next.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

echo "==> summary"
contrail status
contrail query "
    select
        extract(year from flight_date) as flight_year,
        count(*) as flights,
        sum(case when is_cancelled then 1 else 0 end) as cancelled,
        round(avg(arrival_delay_minutes), 2) as mean_arrival_delay_minutes
    from flights
    group by extract(year from flight_date)
    order by flight_year"
cat <<EOT

Look next:
  docs       target/static_index.html (open it in a browser), or: make docs
  report     make report, then open target/report.html: what needs a look
  ask        .venv/bin/contrail query "select carrier_name, count(*) as flights from flights group by 1 order by 2 desc"
  warehouse  $CONTRAIL_DATA/published/warehouse.duckdb, for any DuckDB client (read-only)
  your data  drop BTS on-time files into $CONTRAIL_DATA/inbox and type make again
  change it  CONTRIBUTING.md, then: make test
EOT
