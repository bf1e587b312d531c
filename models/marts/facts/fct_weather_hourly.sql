{{
    config(
        materialized='incremental',
        incremental_strategy='partition_overwrite',
        on_schema_change='fail',
        meta={
            'partition': {'field': 'observed_hour_at_utc', 'granularity': 'month'},
            'indexed': [
                {'columns': ['airport_code', 'observed_hour_at_utc'], 'unique': true},
            ],
        }
    )
}}
{%- set plan = partitions_to_build(inputs=ref('int_weather__partitions')) %}

with weather as (

    select *
    from {{ ref('int_weather__conformed') }}
    where {{ in_partitions('observed_hour_at_utc', plan) }}

),

airports as (

    select * from {{ ref('dim_airport') }}

),

fct_weather_hourly as (

    select
        -- keys
        {{ surrogate_key([
            'weather.airport_code', date_key('weather.observed_hour_at_utc'),
            'extract(hour from weather.observed_hour_at_utc)'
        ]) }} as weather_hour_key,
        coalesce(airports.airport_key, {{ unknown_key() }}) as airport_key,
        {{ date_key('weather.observed_hour_at_utc') }} as observed_date_key,

        -- degenerate dimensions
        weather.airport_code,
        weather.observed_hour_at_utc,
        {{ utc_to_local('weather.observed_hour_at_utc', 'airports.time_zone') }}
            as observed_hour_at_local,
        weather.source_system,

        -- measures
        weather.temperature_fahrenheit,
        weather.dew_point_fahrenheit,
        weather.relative_humidity_percent,
        weather.wind_direction_degrees,
        weather.is_wind_direction_variable,
        case when not weather.is_wind_speed_implausible then weather.wind_speed_mph end
            as wind_speed_mph,
        weather.wind_speed_mph as wind_speed_reported_mph,
        weather.is_wind_speed_implausible,
        weather.wind_gust_mph,
        weather.precipitation_inches,
        weather.pressure_millibars,
        weather.visibility_miles,

        -- audit
        weather._batch_id,
        weather._seq,
        weather._source_file,
        weather._source_row
    from weather
    left join airports
        on {{ valid_member(
            'weather.airport_code', 'airports', 'airport_code', 'weather.observed_hour_at_utc'
        ) }}

)

select * from fct_weather_hourly
{{ partition_order('observed_hour_at_utc') }}
