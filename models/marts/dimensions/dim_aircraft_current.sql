{{ config(materialized='view') }}

with aircraft as (

    select * from {{ ref('dim_aircraft') }}

),

current_aircraft as (

    select *
    from aircraft
    where is_current

)

select * from current_aircraft
