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

routes as (

    select
        flight_month,
        coalesce(origin_code, 'unknown') as origin_code,
        coalesce(destination_code, 'unknown') as destination_code,
        count(distinct carrier_code) as carriers,
        {{ performance_measures() }}
    from flights
    group by
        flight_month,
        coalesce(origin_code, 'unknown'),
        coalesce(destination_code, 'unknown')

)

select * from routes
{{ partition_order('flight_month') }}
