{{
    config(
        materialized='incremental',
        incremental_strategy='partition_overwrite',
        on_schema_change='fail',
        meta={'partition': {'field': 'flight_month', 'granularity': 'month'}}
    )
}}
{%- set plan = partitions_to_build(follows=[ref('fct_flights')]) %}

with flights as (

    select
        {{ month_start('flight_date') }} as flight_month,
        coalesce(carrier_code, 'unknown') as carrier_code,
        carrier_delay_minutes,
        weather_delay_minutes,
        nas_delay_minutes,
        security_delay_minutes,
        late_aircraft_delay_minutes
    from {{ ref('flights') }}
    where {{ in_partitions('flight_date', plan) }} and carrier_delay_minutes is not null

),

-- BTS has causes for flights 15 minutes late or more only, all five or none; they add up to
-- the delay.
attributed as (
    {% for cause in ['carrier', 'weather', 'nas', 'security', 'late_aircraft'] %}
    select
        flight_month,
        carrier_code,
        '{{ cause }}' as delay_cause,
        {{ cause }}_delay_minutes as delay_minutes
    from flights
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

delay_causes as (

    select
        flight_month,
        carrier_code,
        delay_cause,
        count(*) as attributed_flights,
        {{ count_if('delay_minutes > 0') }} as affected_flights,
        cast(sum(delay_minutes) as bigint) as delay_minutes
    from attributed
    group by flight_month, carrier_code, delay_cause

)

select * from delay_causes
{{ partition_order('flight_month') }}
