with delivery_months as (

    select * from {{ ref('stg_contrail__deliveries') }}

),

months as (

    {{ date_series("'1987-01-01'", "'2035-12-01'", 'month') }}

),

weather as (

    select * from {{ ref('int_weather__conformed') }}

),

versions as (

    select * from {{ ref('int_airports__versions') }}

),

-- A year is delivered by the local calendar in one source and by UTC in another, and stored
-- by UTC: a delivery reaches at most a day into the months beside it. It is the weather of
-- flights whose local month begins or ends up to another day away.
deliveries as (

    select
        months.series_date as partition_month,
        {{ delivery_id('delivery_months.batch_id', 'delivery_months.seq') }} as influence
    from delivery_months
    inner join months
        on
            months.series_date < {{ date_add('day', 2, 'delivery_months.period_end') }}
            and {{ date_add('month', 1, 'months.series_date') }}
            > {{ date_add('day', -2, 'delivery_months.period_start') }}
    where delivery_months.is_live and delivery_months.table_name = 'weather'

),

airports as (

    select airport_code
    from weather
    group by airport_code

),

later_versions as (

    select
        versions.airport_code || cast(versions.valid_from as {{ dbt.type_string() }})
            as influence,
        versions.valid_from,
        versions.valid_to
    from versions
    inner join airports
        on versions.airport_code = airports.airport_code
    where not versions.is_earliest

),

influences as (

    select
        partition_month,
        influence
    from deliveries
    union all
    select
        months.series_date as partition_month,
        later_versions.influence
    from later_versions
    inner join months
        on
            later_versions.valid_from < {{ date_add('month', 1, 'months.series_date') }}
            and later_versions.valid_to > months.series_date
    where months.series_date in (select deliveries.partition_month from deliveries)

),

partitions as (

    select
        partition_month,
        {{ set_signature('influence') }} as signature
    from influences
    group by partition_month

)

select * from partitions
