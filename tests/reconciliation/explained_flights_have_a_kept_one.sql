-- A row that is left out because a better source has the flight must have that flight beside
-- it: kept, in the same slot (day, airports, scheduled minute).
with matched as (

    select * from {{ ref('int_flights__matched') }}

),

slots as (

    select
        flight_date,
        origin_code,
        destination_code,
        scheduled_departure_hhmm,
        sum(case when resolution = 'kept' then 1 else 0 end) as kept_rows,
        sum(case when resolution != 'kept' then 1 else 0 end) as explained_rows,
        max(place_in_slot) as most_rows_of_a_delivery,
        sum(case when resolution = 'repeated_in_delivery' then 1 else 0 end) as repeated_rows
    from matched
    group by flight_date, origin_code, destination_code, scheduled_departure_hhmm

)

-- The delivery with the most rows of a slot shows how many flights there are at least.
select *
from slots
where
    explained_rows > 0
    and (kept_rows = 0 or kept_rows < most_rows_of_a_delivery - repeated_rows)
