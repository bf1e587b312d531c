{{
    config(
        materialized='incremental',
        incremental_strategy='partition_overwrite',
        on_schema_change='fail',
        meta={'partition': {'field': 'flight_month', 'granularity': 'month'}}
    )
}}
{%- set plan = partitions_to_build(inputs=ref('int_flights__delivery_partitions')) %}

with flights as (

    select
        *,
        {{ month_start('flight_date') }} as flight_month
    from {{ ref('int_flights__unioned') }}
    where {{ in_partitions('flight_date', plan) }}

),

mentions as (

    select
        flight_month,
        'airport' as member_type,
        origin_code as member_code
    from flights
    union all
    select
        flight_month,
        'airport' as member_type,
        destination_code as member_code
    from flights
    union all
    select
        flight_month,
        'airport' as member_type,
        diversion_1_airport_code as member_code
    from flights
    union all
    select
        flight_month,
        'carrier' as member_type,
        carrier_code as member_code
    from flights
    union all
    select
        flight_month,
        'aircraft' as member_type,
        tail_number as member_code
    from flights

),

members as (

    select
        flight_month,
        member_type,
        member_code,
        count(*) as mention_count
    from mentions
    where member_code is not null
    group by flight_month, member_type, member_code

)

select * from members
