-- The way from the code of a source row to the member of a dimension and back.
with facts as (

    select * from {{ ref('fct_flights') }}

),

wide as (

    select * from {{ ref('flights') }}

),

sources as (

    select * from {{ ref('int_flights__matched') }}

),

aircraft as (

    select * from {{ ref('dim_aircraft') }}

),

compared as (

    select
        facts.flight_key,
        sources.carrier_code as delivered_carrier,
        wide.carrier_code,
        sources.origin_code as delivered_origin,
        wide.origin_code,
        sources.destination_code as delivered_destination,
        wide.destination_code,
        sources.tail_number as delivered_tail_number,
        aircraft.tail_number
    from facts
    inner join wide
        on facts.flight_key = wide.flight_key
    inner join sources
        on
            facts._batch_id = sources._batch_id
            and facts._source_row = sources._source_row
    inner join aircraft
        on facts.aircraft_key = aircraft.aircraft_key

)

select *
from compared
where
    coalesce(delivered_carrier, '') != coalesce(carrier_code, '')
    or coalesce(delivered_origin, '') != coalesce(origin_code, '')
    or coalesce(delivered_destination, '') != coalesce(destination_code, '')
    or coalesce(delivered_tail_number, '') != coalesce(tail_number, '')
