with mart as (

    select * from {{ ref('delay_causes') }}

),

flights as (

    select * from {{ ref('fct_flights') }}

),

-- The five causes of a flight add up to its arrival delay, so the mart adds up to the delays.
flight_sums as (

    select
        {{ month_start('flight_date') }} as flight_month,
        count(*) as attributed_flights,
        sum(arrival_delay_minutes) as delay_minutes
    from flights
    where carrier_delay_minutes is not null
    group by {{ month_start('flight_date') }}

),

mart_sums as (

    select
        flight_month,
        sum(case when delay_cause = 'carrier' then attributed_flights else 0 end)
            as attributed_flights,
        sum(delay_minutes) as delay_minutes
    from mart
    group by flight_month

),

compared as (

    select
        coalesce(mart_sums.flight_month, flight_sums.flight_month) as flight_month,
        mart_sums.attributed_flights as flights_in_mart,
        flight_sums.attributed_flights as flights_in_fact,
        mart_sums.delay_minutes as minutes_in_mart,
        flight_sums.delay_minutes as minutes_in_fact
    from mart_sums
    full outer join flight_sums
        on mart_sums.flight_month = flight_sums.flight_month

)

select *
from compared
where
    coalesce(flights_in_mart, 0) != coalesce(flights_in_fact, 0)
    or coalesce(minutes_in_mart, 0) != coalesce(minutes_in_fact, 0)
