-- 2,421 flights of 2013 (0.7 %) and 2 of 2023 coincide with an aircraft of less than 19 seats.
-- More than 2 % of a source (and more than ten flights) would be a mistake of ours.
with flights as (

    select * from {{ ref('flights') }}

),

counts as (

    select
        source_system,
        count(*) as flight_count,
        sum(case when not is_aircraft_plausible then 1 else 0 end) as implausible_flights
    from flights
    group by source_system

)

select *
from counts
where implausible_flights > 10 and implausible_flights * 100 > flight_count * 2
