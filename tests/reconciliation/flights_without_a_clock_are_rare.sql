-- At most one flight in a thousand of a source may lack its scheduled times in UTC.
with flights as (

    select * from {{ ref('fct_flights') }}

),

counts as (

    select
        source_system,
        count(*) as flight_count,
        sum(
            case
                when scheduled_departure_at_utc is null or scheduled_arrival_at_utc is null then 1
                else 0
            end
        ) as flights_without_clock
    from flights
    where source_system != 'bts_selected'
    group by source_system

)

select *
from counts
where flights_without_clock > 10 and flights_without_clock * 1000 > flight_count
