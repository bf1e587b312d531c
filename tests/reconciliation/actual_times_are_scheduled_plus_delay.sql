with flights as (

    select * from {{ ref('fct_flights') }}

)

select
    flight_key,
    source_system,
    scheduled_departure_at_utc,
    departure_at_utc,
    departure_delay_minutes,
    scheduled_arrival_at_utc,
    arrival_at_utc,
    arrival_delay_minutes
from flights
where
    {{ minutes_between('scheduled_departure_at_utc', 'departure_at_utc') }}
    != departure_delay_minutes
    or {{ minutes_between('scheduled_arrival_at_utc', 'arrival_at_utc') }}
    != arrival_delay_minutes
    or (
        departure_at_utc is null
        and departure_delay_minutes is not null
        and scheduled_departure_at_utc is not null
    )
    or (
        arrival_at_utc is null
        and arrival_delay_minutes is not null
        and scheduled_arrival_at_utc is not null
    )
