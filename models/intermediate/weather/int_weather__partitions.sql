with weather as (

    select * from {{ ref('int_weather__conformed') }}

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

observed_days as (

    select
        cast(observed_hour_at_utc as date) as observed_date,
        {{ delivery_id('_batch_id', '_seq') }} as influence
    from weather
    group by
        cast(observed_hour_at_utc as date),
        {{ delivery_id('_batch_id', '_seq') }}

),

-- Weather is of UTC days and flights are of local ones: the weather of a month's first or last day
-- may be that of flights of the month beside it.
reached_months as (
    {% for days in [-1, 0, 1] %}
    select
        {{ month_start(date_add('day', days, 'observed_date')) }} as partition_month,
        influence
    from observed_days
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

deliveries as (

    select
        partition_month,
        influence
    from reached_months
    group by partition_month, influence

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
