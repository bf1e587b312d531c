{{ config(meta={'indexed': [
    {'columns': ['flight_status_key'], 'unique': true},
]}) }}

with statuses as (

    select * from {{ ref('flight_statuses') }}

),

members as (

    select
        flight_status_key,
        flight_status,
        cancellation_reason_code,
        cancellation_reason,
        diversion_outcome,
        is_cancelled,
        is_diverted
    from statuses

)

select * from members
