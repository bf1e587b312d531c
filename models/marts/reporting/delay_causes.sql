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
        *,
        {{ month_start('flight_date') }} as flight_month
    from {{ ref('flights') }}
    where {{ in_partitions('flight_date', plan) }}

),

-- BTS has causes for flights 15 minutes late or more only; the five add up to the delay.
attributed as (
    {% for cause in ['carrier', 'weather', 'nas', 'security', 'late_aircraft'] %}
    select
        flight_month,
        coalesce(carrier_code, 'unknown') as carrier_code,
        '{{ cause }}' as delay_cause,
        {{ cause }}_delay_minutes as delay_minutes
    from flights
    where {{ cause }}_delay_minutes is not null
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

delay_causes as (

    select
        flight_month,
        carrier_code,
        delay_cause,
        count(*) as attributed_flights,
        sum(case when delay_minutes > 0 then 1 else 0 end) as affected_flights,
        cast(sum(delay_minutes) as bigint) as delay_minutes
    from attributed
    group by flight_month, carrier_code, delay_cause

)

select * from delay_causes
{{ partition_order('flight_month') }}
