with mart as (

    select * from {{ ref('airport_hours') }}

),

hours as (

    select * from {{ ref('fct_airport_hourly') }}

),

mart_sums as (

    select
        airport_code,
        flight_month,
        sum(hours_observed) as hours_observed,
        sum(scheduled_departures) as scheduled_departures,
        sum(cancelled_departures) as cancelled_departures,
        sum(late_departures) as late_departures,
        sum(departure_delay_minutes) as departure_delay_minutes
    from mart
    group by airport_code, flight_month

),

hour_sums as (

    select
        airport_code,
        {{ month_start('local_date') }} as flight_month,
        count(*) as hours_observed,
        sum(scheduled_departures) as scheduled_departures,
        sum(cancelled_departures) as cancelled_departures,
        sum(late_departures) as late_departures,
        sum(departure_delay_minutes) as departure_delay_minutes
    from hours
    group by airport_code, {{ month_start('local_date') }}

),

compared as (

    select
        coalesce(mart_sums.airport_code, hour_sums.airport_code) as airport_code,
        coalesce(mart_sums.flight_month, hour_sums.flight_month) as flight_month,
        coalesce(
            mart_sums.hours_observed = hour_sums.hours_observed
            and mart_sums.scheduled_departures = hour_sums.scheduled_departures
            and mart_sums.cancelled_departures = hour_sums.cancelled_departures
            and mart_sums.late_departures = hour_sums.late_departures
            and mart_sums.departure_delay_minutes = hour_sums.departure_delay_minutes,
            false
        ) as is_equal
    from mart_sums
    full outer join hour_sums
        on
            mart_sums.airport_code = hour_sums.airport_code
            and mart_sums.flight_month = hour_sums.flight_month

)

select *
from compared
where not is_equal
