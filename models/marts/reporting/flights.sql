{{ config(materialized='view') }}

with flights as (

    select * from {{ ref('fct_flights') }}

),

carriers as (

    select * from {{ ref('dim_carrier') }}

),

aircraft as (

    select * from {{ ref('dim_aircraft') }}

),

origins as (

    select * from {{ ref('dim_origin_airport') }}

),

destinations as (

    select * from {{ ref('dim_destination_airport') }}

),

diversions as (

    select * from {{ ref('dim_diverted_to_airport') }}

),

statuses as (

    select * from {{ ref('dim_flight_status') }}

),

departure_times as (

    select * from {{ ref('dim_time_of_day') }}

),

weather as (

    select * from {{ ref('fct_weather_hourly') }}

),

wide as (

    select
        -- keys
        flights.flight_key,

        -- who and where
        flights.flight_date,
        carriers.carrier_code,
        carriers.carrier_name,
        flights.flight_number,
        flights.is_flight_number_real,
        flights.tail_number,
        origins.origin_code,
        origins.origin_name,
        origins.origin_time_zone,
        origins.origin_latitude,
        origins.origin_longitude,
        destinations.destination_code,
        destinations.destination_name,
        destinations.destination_time_zone,
        destinations.destination_latitude,
        destinations.destination_longitude,
        diversions.diverted_to_code,
        diversions.diverted_to_name,

        -- when
        flights.scheduled_departure_hhmm,
        flights.departure_hhmm,
        flights.scheduled_arrival_hhmm,
        flights.arrival_hhmm,
        flights.scheduled_departure_at_local,
        flights.scheduled_departure_at_utc,
        departure_times.departure_block as scheduled_departure_block,
        flights.departure_at_local,
        flights.departure_at_utc,
        flights.wheels_off_at_utc,
        flights.wheels_on_at_utc,
        flights.scheduled_arrival_at_local,
        flights.scheduled_arrival_at_utc,
        flights.arrival_at_local,
        flights.arrival_at_utc,

        -- how it went
        statuses.flight_status,
        statuses.cancellation_reason,
        statuses.diversion_outcome,
        flights.is_cancelled,
        flights.is_diverted,
        flights.is_on_time,
        flights.departure_delay_minutes,
        flights.arrival_delay_minutes,
        flights.taxi_out_minutes,
        flights.air_time_minutes,
        flights.taxi_in_minutes,
        flights.scheduled_elapsed_minutes,
        flights.actual_elapsed_minutes,
        flights.distance_miles,
        flights.carrier_delay_minutes,
        flights.weather_delay_minutes,
        flights.nas_delay_minutes,
        flights.security_delay_minutes,
        flights.late_aircraft_delay_minutes,

        -- the aircraft
        aircraft.manufacturer_name as aircraft_manufacturer,
        aircraft.manufacturer_group as aircraft_manufacturer_group,
        aircraft.model_name as aircraft_model,
        aircraft.aircraft_type,
        aircraft.engine_count as aircraft_engines,
        aircraft.engine_type as aircraft_engine_type,
        aircraft.seat_count as aircraft_seats,
        aircraft.year_built as aircraft_year_built,
        aircraft.member_status as aircraft_member_status,
        aircraft.is_plausible_airliner as is_aircraft_plausible,

        -- the weather at the origin in the hour of the scheduled departure
        weather.weather_hour_key is not null as is_weather_known,
        weather.temperature_fahrenheit,
        weather.dew_point_fahrenheit,
        weather.relative_humidity_percent,
        weather.wind_direction_degrees,
        weather.wind_speed_mph,
        weather.wind_gust_mph,
        weather.precipitation_inches,
        weather.pressure_millibars,
        weather.visibility_miles,

        -- audit
        flights.source_system,
        flights._batch_id,
        flights._seq,
        flights._source_file,
        flights._source_row
    from flights
    -- Every key has its member; left joins let PostgreSQL leave out what a query does not use.
    left join carriers
        on flights.carrier_key = carriers.carrier_key
    left join aircraft
        on flights.aircraft_key = aircraft.aircraft_key
    left join origins
        on flights.origin_airport_key = origins.origin_airport_key
    left join destinations
        on flights.destination_airport_key = destinations.destination_airport_key
    left join diversions
        on flights.diverted_to_airport_key = diversions.diverted_to_airport_key
    left join statuses
        on flights.flight_status_key = statuses.flight_status_key
    left join departure_times
        on flights.scheduled_departure_time_key = departure_times.time_of_day_key
    left join weather
        on
            origins.origin_code = weather.airport_code
            and {{ hour_start('flights.scheduled_departure_at_utc') }}
            = weather.observed_hour_at_utc

)

select * from wide
