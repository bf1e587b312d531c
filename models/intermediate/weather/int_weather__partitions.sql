with delivery_months as (

    select * from {{ ref('stg_contrail__deliveries') }}

),

months as (

    {{ date_series("'1987-01-01'", "'2035-12-01'", 'month') }}

),

stations as (

    select * from {{ ref('int_weather__stations') }}

),

versions as (

    select * from {{ ref('int_airports__versions') }}

),

zones as (

    select * from {{ ref('int_airports__reference') }}

),

-- A year is delivered by the local calendar in one source and by UTC in another, and stored
-- by UTC: a delivery reaches at most a day into the months beside it. It is the weather of
-- flights whose local month begins or ends up to another day away.
deliveries as (

    select
        months.series_date as partition_month,
        {{ delivery_id('delivery_months.batch_id', 'delivery_months.seq') }} as influence
    from delivery_months
    -- fan-out: to one row per month that the delivery touches
    inner join months
        on
            months.series_date < {{ date_add('day', 2, 'delivery_months.period_end') }}
            and {{ date_add('month', 1, 'months.series_date') }}
            > {{ date_add('day', -2, 'delivery_months.period_start') }}
    where delivery_months.is_live and delivery_months.table_name = 'weather'

),

-- As for flights: a version counts for the months it is valid in, and the earliest version of an
-- airport has the key that the airport had before anybody delivered it.
influences as (

    select
        partition_month,
        influence
    from deliveries
    union all
    select
        stations.observed_month as partition_month,
        stations.airport_code || cast(versions.valid_from as {{ dbt.type_string() }}) as influence
    from stations
    -- fan-out: to one row per version; they are counted into one signature per month
    inner join versions
        on
            stations.airport_code = versions.airport_code
            and stations.observed_month < versions.valid_to
            and {{ date_add('month', 1, 'stations.observed_month') }} > versions.valid_from
    where not versions.is_earliest
    union all
    select
        stations.observed_month as partition_month,
        'zone' || stations.airport_code || zones.time_zone as influence
    from stations
    inner join zones
        on stations.airport_code = zones.airport_code

),

partitions as (

    select
        partition_month,
        {{ set_signature('influence') }} as signature
    from influences
    group by partition_month

)

select * from partitions
