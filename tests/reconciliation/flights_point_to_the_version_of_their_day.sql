with flights as (

    select * from {{ ref('fct_flights') }}

),

dim_carrier as (

    select * from {{ ref('dim_carrier') }}

),

dim_aircraft as (

    select * from {{ ref('dim_aircraft') }}

),

airports as (

    select * from {{ ref('dim_airport') }}

),

members as (

    select
        flights.flight_key,
        flights.flight_date,
        'carrier' as dimension,
        dim_carrier.valid_from,
        dim_carrier.valid_to
    from flights
    inner join dim_carrier
        on flights.carrier_key = dim_carrier.carrier_key
    union all
    select
        flights.flight_key,
        flights.flight_date,
        'aircraft' as dimension,
        dim_aircraft.valid_from,
        dim_aircraft.valid_to
    from flights
    inner join dim_aircraft
        on flights.aircraft_key = dim_aircraft.aircraft_key
    {% for role in ['origin', 'destination', 'diverted_to'] %}
    union all
    select
        flights.flight_key,
        flights.flight_date,
        '{{ role }}' as dimension,
        airports.valid_from,
        airports.valid_to
    from flights
    inner join airports
        on flights.{{ role }}_airport_key = airports.airport_key
    {% endfor %}
)

select *
from members
where flight_date < valid_from or flight_date >= valid_to
