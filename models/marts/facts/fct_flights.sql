{{
    config(
        materialized='incremental',
        incremental_strategy='partition_overwrite',
        on_schema_change='fail',
        meta={'partition': {'field': 'flight_date', 'granularity': 'month'}}
    )
}}
{%- set plan = partitions_to_build(inputs=ref('int_flights__partitions')) %}

with flights as (

    select *
    from {{ ref('int_flights__timed') }}
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

statuses as (

    select * from {{ ref('dim_flight_status') }}

),

joined as (

    select
        flights.*,
        carriers.carrier_key,
        aircraft.aircraft_key,
        origins.airport_key as origin_airport_key,
        destinations.airport_key as destination_airport_key,
        diversions.airport_key as diverted_to_airport_key,
        case
            when flights.was_cancelled and flights.cancellation_code is null then 20
            when flights.was_cancelled then coalesce(reasons.flight_status_key, 29)
            when flights.was_diverted and flights.is_diversion_destination_reached then 31
            when flights.was_diverted and not flights.is_diversion_destination_reached then 32
            when flights.was_diverted then 30
            else 1
        end as flight_status_key
    from flights
    left join carriers
        on
            flights.carrier_code = carriers.carrier_code
            and flights.flight_date >= carriers.valid_from
            and flights.flight_date < carriers.valid_to
    left join aircraft
        on
            flights.tail_number = aircraft.tail_number
            and flights.flight_date >= aircraft.valid_from
            and flights.flight_date < aircraft.valid_to
    left join airports as origins
        on
            flights.origin_code = origins.airport_code
            and flights.flight_date >= origins.valid_from
            and flights.flight_date < origins.valid_to
    left join airports as destinations
        on
            flights.destination_code = destinations.airport_code
            and flights.flight_date >= destinations.valid_from
            and flights.flight_date < destinations.valid_to
    left join airports as diversions
        on
            flights.diversion_1_airport_code = diversions.airport_code
            and flights.flight_date >= diversions.valid_from
            and flights.flight_date < diversions.valid_to
    left join statuses as reasons
        on flights.cancellation_code = reasons.cancellation_reason_code

),

fct_flights as (

    select
        -- keys
        flight_key,
        {{ date_key('flight_date') }} as flight_date_key,
        {{ time_of_day_key('scheduled_departure_hhmm') }} as scheduled_departure_time_key,
        {{ time_of_day_key('departure_hhmm', 'was_cancelled') }} as departure_time_key,
        coalesce({{ date_key('scheduled_arrival_at_local') }}, {{ unknown_key() }})
            as scheduled_arrival_date_key,
        {{ time_of_day_key('scheduled_arrival_hhmm') }} as scheduled_arrival_time_key,
        {{ time_of_day_key('arrival_hhmm', 'was_cancelled') }} as arrival_time_key,
        coalesce(carrier_key, {{ unknown_key() }}) as carrier_key,
        coalesce(
            aircraft_key,
            case
                when was_cancelled then {{ not_applicable_key() }} else {{ unknown_key() }}
            end
        ) as aircraft_key,
        coalesce(origin_airport_key, {{ unknown_key() }}) as origin_airport_key,
        coalesce(destination_airport_key, {{ unknown_key() }}) as destination_airport_key,
        coalesce(
            diverted_to_airport_key,
            case when was_diverted then {{ unknown_key() }} else {{ not_applicable_key() }} end
        ) as diverted_to_airport_key,
        flight_status_key,

        -- degenerate dimensions
        flight_date,
        flight_number,
        is_flight_number_real,
        tail_number,
        source_system,

        -- milestones
        scheduled_departure_at_local,
        scheduled_departure_at_utc,
        departure_at_local,
        departure_at_utc,
        wheels_off_at_utc,
        wheels_on_at_utc,
        scheduled_arrival_at_local,
        scheduled_arrival_at_utc,
        arrival_at_local,
        arrival_at_utc,

        -- measures
        was_cancelled as is_cancelled,
        was_diverted as is_diverted,
        coalesce(arrival_delay_minutes < 15, false) and not was_cancelled and not was_diverted
            as is_on_time,
        departure_delay_minutes,
        arrival_delay_minutes,
        taxi_out_minutes,
        air_time_minutes,
        taxi_in_minutes,
        coalesce(
            scheduled_elapsed_minutes,
            {{ minutes_between('scheduled_departure_at_utc', 'scheduled_arrival_at_utc') }}
        ) as scheduled_elapsed_minutes,
        coalesce(
            actual_elapsed_minutes,
            {{ minutes_between('departure_at_utc', 'arrival_at_utc') }}
        ) as actual_elapsed_minutes,
        distance_miles,
        carrier_delay_minutes,
        weather_delay_minutes,
        nas_delay_minutes,
        security_delay_minutes,
        late_aircraft_delay_minutes,

        -- audit
        _batch_id,
        _seq,
        _source_file,
        _source_row
    from joined

)

select * from fct_flights
{{ partition_order('flight_date') }}
