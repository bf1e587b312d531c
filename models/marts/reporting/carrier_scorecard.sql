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

scorecard as (

    select
        flight_month,
        coalesce(carrier_code, 'unknown') as carrier_code,
        {{ performance_measures() }}
    from flights
    group by flight_month, coalesce(carrier_code, 'unknown')

)

select * from scorecard
{{ partition_order('flight_month') }}
