-- From gate to gate takes longer than from take-off to landing, but not half a day longer. An
-- hour too little or too much is a wrong time zone, a day too much a wrong date. Two flights of
-- 2023 (JFK-PWM on 23 March, LGA-OKC on 23 October) have an impossible scheduled arrival: the
-- test allows one flight in 100,000 of a source.
with flights as (

    select * from {{ ref('fct_flights') }}

),

counts as (

    select
        source_system,
        count(*) as flight_count,
        sum(
            case
                when actual_elapsed_minutes - air_time_minutes not between 1 and 600 then 1
                else 0
            end
        ) as impossible_flights
    from flights
    group by source_system

)

select *
from counts
where impossible_flights > 2 and impossible_flights * 100000 > flight_count
