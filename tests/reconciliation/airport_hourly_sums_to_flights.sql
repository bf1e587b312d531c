-- Flights that no clock can be found for (no scheduled time, or an airport without a time zone)
-- have no hour; flights_without_a_clock_are_rare counts those.
with hours as (

    select * from {{ ref('fct_airport_hourly') }}

),

flights as (

    select * from {{ ref('fct_flights') }}

),

origins as (

    select * from {{ ref('dim_origin_airport') }}

),

hour_sums as (

    select
        airport_code,
        {{ month_start('local_date') }} as flight_month,
        sum(scheduled_departures) as scheduled_departures,
        sum(cancelled_departures) as cancelled_departures,
        sum(late_departures) as late_departures,
        sum(departures_with_delay) as departures_with_delay,
        sum(departure_delay_minutes) as departure_delay_minutes
    from hours
    group by airport_code, {{ month_start('local_date') }}

),

flight_sums as (

    select
        origins.origin_code as airport_code,
        {{ month_start('flights.flight_date') }} as flight_month,
        count(*) as scheduled_departures,
        sum(case when flights.is_cancelled then 1 else 0 end) as cancelled_departures,
        sum(case when flights.departure_delay_minutes >= 15 then 1 else 0 end)
            as late_departures,
        count(flights.departure_delay_minutes) as departures_with_delay,
        coalesce(sum(flights.departure_delay_minutes), 0) as departure_delay_minutes
    from flights
    inner join origins
        on flights.origin_airport_key = origins.origin_airport_key
    where
        flights.scheduled_departure_at_utc is not null
        and origins.origin_time_zone is not null
    group by origins.origin_code, {{ month_start('flights.flight_date') }}

),

compared as (

    select
        coalesce(hour_sums.airport_code, flight_sums.airport_code) as airport_code,
        coalesce(hour_sums.flight_month, flight_sums.flight_month) as flight_month,
        hour_sums.scheduled_departures as in_hours,
        flight_sums.scheduled_departures as in_flights,
        coalesce(
            hour_sums.scheduled_departures = flight_sums.scheduled_departures
            and hour_sums.cancelled_departures = flight_sums.cancelled_departures
            and hour_sums.late_departures = flight_sums.late_departures
            and hour_sums.departures_with_delay = flight_sums.departures_with_delay
            and hour_sums.departure_delay_minutes = flight_sums.departure_delay_minutes,
            false
        ) as is_equal
    from hour_sums
    full outer join flight_sums
        on
            hour_sums.airport_code = flight_sums.airport_code
            and hour_sums.flight_month = flight_sums.flight_month

)

select *
from compared
where not is_equal
