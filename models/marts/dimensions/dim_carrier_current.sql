{{ config(materialized='view') }}

with carriers as (

    select * from {{ ref('dim_carrier') }}

),

current_carriers as (

    select *
    from carriers
    where is_current

)

select * from current_carriers
