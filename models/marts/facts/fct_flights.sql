{{
    config(
        materialized='incremental',
        incremental_strategy='partition_overwrite',
        on_schema_change='fail',
        meta={
            'partition': {'field': 'flight_date', 'granularity': 'month'},
            'indexed': [
                {'columns': ['flight_key', 'flight_date'], 'unique': true},
                {'columns': ['flight_date'], 'type': 'brin'},
                {'columns': ['aircraft_key']},
                {'columns': ['origin_airport_key', 'destination_airport_key']},
            ],
        }
    )
}}
{%- set plan = partitions_to_build(inputs=ref('int_flights__partitions')) %}

with flights as (

    select *
    from {{ ref('int_flights__measured') }}
    where {{ in_partitions('flight_date', plan) }}

),

carriers as (

    select * from {{ ref('dim_carrier') }}

),

aircraft as (

    select * from {{ ref('dim_aircraft') }}

),

airports as (

    select * from {{ ref('dim_airport') }}

),

fct_flights as (

    select
        -- keys
        flights.flight_key,
        {{ date_key('flights.flight_date') }} as flight_date_key,
        {{ time_of_day_key('flights.scheduled_departure_hhmm') }} as scheduled_departure_time_key,
        {{ time_of_day_key('flights.departure_hhmm', 'flights.was_cancelled') }}
            as departure_time_key,
        coalesce({{ date_key('flights.scheduled_arrival_at_local') }}, {{ unknown_key() }})
            as scheduled_arrival_date_key,
        {{ time_of_day_key('flights.scheduled_arrival_hhmm') }} as scheduled_arrival_time_key,
        {{ time_of_day_key('flights.arrival_hhmm', 'flights.was_cancelled') }} as arrival_time_key,
        coalesce(carriers.carrier_key, {{ unknown_key() }}) as carrier_key,
        {{ member_key('aircraft.aircraft_key', not_applicable='flights.was_cancelled') }}
            as aircraft_key,
        coalesce(origins.airport_key, {{ unknown_key() }}) as origin_airport_key,
        coalesce(destinations.airport_key, {{ unknown_key() }}) as destination_airport_key,
        {{ member_key('diversions.airport_key', not_applicable='not flights.was_diverted') }}
            as diverted_to_airport_key,
        flights.flight_status_key,

        -- degenerate dimensions
        flights.flight_date,
        flights.flight_number,
        flights.is_flight_number_real,
        flights.tail_number,
        flights.scheduled_departure_hhmm,
        flights.departure_hhmm,
        flights.scheduled_arrival_hhmm,
        flights.arrival_hhmm,
        flights.source_system,

        -- milestones
        flights.scheduled_departure_at_local,
        flights.scheduled_departure_at_utc,
        flights.departure_at_local,
        flights.departure_at_utc,
        flights.wheels_off_at_utc,
        flights.wheels_on_at_utc,
        flights.scheduled_arrival_at_local,
        flights.scheduled_arrival_at_utc,
        flights.arrival_at_local,
        flights.arrival_at_utc,

        -- measures
        flights.was_cancelled as is_cancelled,
        flights.was_diverted as is_diverted,
        flights.is_on_time,
        flights.departure_delay_minutes,
        flights.arrival_delay_minutes,
        flights.taxi_out_minutes,
        flights.air_time_minutes,
        flights.taxi_in_minutes,
        flights.scheduled_block_minutes as scheduled_elapsed_minutes,
        flights.actual_block_minutes as actual_elapsed_minutes,
        flights.distance_miles,
        flights.carrier_delay_minutes,
        flights.weather_delay_minutes,
        flights.nas_delay_minutes,
        flights.security_delay_minutes,
        flights.late_aircraft_delay_minutes,

        -- audit
        flights._batch_id,
        flights._seq,
        flights._source_file,
        flights._source_row
    from flights
    left join carriers
        on {{ valid_member('flights.carrier_code', 'carriers', 'carrier_code') }}
    left join aircraft
        on {{ valid_member('flights.tail_number', 'aircraft', 'tail_number') }}
    left join airports as origins
        on {{ valid_member('flights.origin_code', 'origins', 'airport_code') }}
    left join airports as destinations
        on {{ valid_member('flights.destination_code', 'destinations', 'airport_code') }}
    left join airports as diversions
        on {{ valid_member('flights.diversion_1_airport_code', 'diversions', 'airport_code') }}

)

select * from fct_flights
{{ partition_order('flight_date') }}
