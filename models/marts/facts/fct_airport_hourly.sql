{{
    config(
        materialized='incremental',
        incremental_strategy='partition_overwrite',
        on_schema_change='fail',
        meta={
            'partition': {'field': 'local_date', 'granularity': 'month'},
            'indexed': [
                {'columns': ['airport_code', 'local_date', 'hour_at_utc'], 'unique': true},
            ],
        }
    )
}}
{%- set plan = partitions_to_build(follows=[ref('fct_flights')]) %}

with flights as (

    select
        *,
        {{ month_start('flight_date') }} as local_month,
        {{ subtract_minutes(
            'scheduled_departure_at_utc', 'extract(minute from scheduled_departure_at_local)'
        ) }} as hour_at_utc
    from {{ ref('fct_flights') }}
    where {{ in_partitions('flight_date', plan) }}

),

airports as (

    select * from {{ ref('dim_airport') }}

),

numbers as (

    {{ number_series(33 * 24) }}

),

located as (

    select
        flights.*,
        airports.airport_code,
        airports.time_zone
    from flights
    inner join airports
        on flights.origin_airport_key = airports.airport_key

),

-- An airport is in the snapshot of a month if anything was scheduled to leave it then.
airport_months as (

    select
        airport_code,
        time_zone,
        local_month
    from located
    group by airport_code, time_zone, local_month

),

-- Every UTC hour from a day before the month to a day after it, by the clock of the place;
-- those of the month are kept, so a day has 23, 24 or 25 hours as it had there.
candidate_hours as (

    select
        airport_months.*,
        {{ add_minutes(
            'cast(airport_months.local_month as timestamp)', '(numbers.number - 24) * 60'
        ) }} as hour_at_utc
    from airport_months
    -- fan-out: to one row per hour
    cross join numbers

),

local_hours as (

    select
        *,
        {{ utc_to_local('hour_at_utc', 'time_zone') }} as hour_at_local
    from candidate_hours

),

hours as (

    select
        *,
        cast(hour_at_local as date) as local_date
    from local_hours
    where {{ month_start('hour_at_local') }} = local_month

),

departures as (

    select
        airport_code,
        hour_at_utc,
        count(*) as scheduled_departures,
        {{ count_if('is_cancelled') }} as cancelled_departures,
        {{ count_if('departure_delay_minutes >= 15') }} as late_departures,
        count(departure_delay_minutes) as departures_with_delay,
        cast(sum(departure_delay_minutes) as bigint) as departure_delay_minutes
    from located
    group by airport_code, hour_at_utc

),

fct_airport_hourly as (

    select
        -- keys
        {{ surrogate_key([
            'hours.airport_code', date_key('hours.hour_at_utc'),
            'extract(hour from hours.hour_at_utc)'
        ]) }} as airport_hour_key,
        airports.airport_key,
        {{ date_key('hours.local_date') }} as local_date_key,
        {{ minute_of_day('hours.hour_at_local') }} as local_time_key,

        -- degenerate dimensions
        hours.airport_code,
        hours.local_date,
        hours.hour_at_local,
        hours.hour_at_utc,

        -- measures
        coalesce(departures.scheduled_departures, 0) as scheduled_departures,
        coalesce(departures.scheduled_departures - departures.cancelled_departures, 0)
            as departed_flights,
        coalesce(departures.cancelled_departures, 0) as cancelled_departures,
        coalesce(departures.late_departures, 0) as late_departures,
        coalesce(departures.departures_with_delay, 0) as departures_with_delay,
        coalesce(departures.departure_delay_minutes, 0) as departure_delay_minutes,
        {{ safe_divide('departures.departure_delay_minutes', 'departures.departures_with_delay') }}
            as mean_departure_delay_minutes
    from hours
    inner join airports
        on {{ valid_member('hours.airport_code', 'airports', 'airport_code', 'hours.local_date') }}
    left join departures
        on
            hours.airport_code = departures.airport_code
            and hours.hour_at_utc = departures.hour_at_utc

)

select * from fct_airport_hourly
{{ partition_order('local_date') }}
