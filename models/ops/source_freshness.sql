with deliveries as (

    select * from {{ ref('stg_contrail__deliveries') }}

),

expected as (

    {{ freshness_limits() }}

),

landed as (

    select
        source_name,
        table_name,
        count(*) as live_deliveries,
        sum(rows_landed) as live_rows,
        max(landed_at) as last_landed_at_utc,
        max(period_end) as covered_until
    from deliveries
    where is_live and operation = 'land'
    group by source_name, table_name

),

source_freshness as (

    select
        expected.source_name,
        expected.table_name,
        coalesce(landed.live_deliveries, 0) as live_deliveries,
        cast(coalesce(landed.live_rows, 0) as bigint) as live_rows,
        landed.covered_until,
        landed.last_landed_at_utc,
        expected.warn_after_hours,
        expected.error_after_hours,
        cast(
            {{ add_minutes('landed.last_landed_at_utc', 'expected.warn_after_hours * 60') }}
            as timestamp
        ) as warns_from_utc,
        cast(
            {{ add_minutes('landed.last_landed_at_utc', 'expected.error_after_hours * 60') }}
            as timestamp
        ) as errs_from_utc
    from expected
    left join landed
        on
            expected.source_name = landed.source_name
            and expected.table_name = landed.table_name

)

select * from source_freshness
