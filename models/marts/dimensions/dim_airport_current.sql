{{ config(materialized='view') }}

with airports as (

    select * from {{ ref('dim_airport') }}

),

current_airports as (

    select *
    from airports
    where is_current

)

select * from current_airports
