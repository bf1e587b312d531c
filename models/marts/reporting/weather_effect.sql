{{
    config(
        materialized='incremental',
        incremental_strategy='partition_overwrite',
        on_schema_change='fail',
        meta={'partition': {'field': 'flight_month', 'granularity': 'month'}}
    )
}}
{%- set plan = partitions_to_build(follows=[ref('fct_flights'), ref('fct_weather_hourly')]) %}

with flights as (

    select
        *,
        {{ month_start('flight_date') }} as flight_month
    from {{ ref('flights') }}
    where {{ in_partitions('flight_date', plan) }}

),

classified as (

    select
        *,
        -- Rates of rain as the National Weather Service names them, in inches an hour.
        case
            when not is_weather_known or precipitation_inches is null then 'unknown'
            when precipitation_inches = 0 then 'none'
            when precipitation_inches <= 0.10 then 'light'
            when precipitation_inches <= 0.30 then 'moderate'
            else 'heavy'
        end as precipitation_class,
        -- Visibility of the flight categories of the FAA: LIFR, IFR, MVFR, VFR.
        case
            when not is_weather_known or visibility_miles is null then 'unknown'
            when visibility_miles < 1 then 'below 1 mile'
            when visibility_miles < 3 then '1 to 3 miles'
            when visibility_miles <= 5 then '3 to 5 miles'
            else 'above 5 miles'
        end as visibility_class,
        -- 20 and 30 knots in miles per hour.
        case
            when not is_weather_known or wind_speed_mph is null then 'unknown'
            when wind_speed_mph < 23.0 then 'below 23 mph'
            when wind_speed_mph < 34.5 then '23 to 34.5 mph'
            else '34.5 mph and more'
        end as wind_class
    from flights

),

weather_effect as (

    select
        flight_month,
        coalesce(origin_code, 'unknown') as origin_code,
        precipitation_class,
        visibility_class,
        wind_class,
        {{ performance_measures() }}
    from classified
    group by
        flight_month,
        coalesce(origin_code, 'unknown'),
        precipitation_class,
        visibility_class,
        wind_class

)

select * from weather_effect
{{ partition_order('flight_month') }}
