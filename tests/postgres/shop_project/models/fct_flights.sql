-- The fact that known_answer looks at for flights from elsewhere.
select
    *,
    flown_on as flight_date
from {{ source('shops', 'flights') }}
