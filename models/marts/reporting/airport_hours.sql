{{
    config(
        materialized='incremental',
        incremental_strategy='partition_overwrite',
        on_schema_change='fail',
        meta={'partition': {'field': 'flight_month', 'granularity': 'month'}}
    )
}}
{%- set plan = partitions_to_build(follows=[ref('fct_airport_hourly')]) %}

with hours as (

    select
        *,
        {{ month_start('local_date') }} as flight_month,
        cast(extract(hour from hour_at_local) as integer) as hour_of_day
    from {{ ref('fct_airport_hourly') }}
    where {{ in_partitions('local_date', plan) }}

),

airport_hours as (

    select
        flight_month,
        airport_code,
        hour_of_day,
        count(*) as hours_observed,
        cast(sum(scheduled_departures) as bigint) as scheduled_departures,
        cast(sum(departed_flights) as bigint) as departed_flights,
        cast(sum(cancelled_departures) as bigint) as cancelled_departures,
        cast(sum(late_departures) as bigint) as late_departures,
        cast(sum(departure_delay_minutes) as bigint) as departure_delay_minutes,
        {{ safe_divide('sum(departure_delay_minutes)', 'sum(departures_with_delay)') }}
            as mean_departure_delay_minutes,
        max(scheduled_departures) as busiest_hour_departures
    from hours
    group by flight_month, airport_code, hour_of_day

)

select * from airport_hours
{{ partition_order('flight_month') }}
