with facts as (

    select * from {{ ref('fct_weather_hourly') }}

),

releases as (

    select
        *,
        rank() over (partition by observed_year_local order by release_name desc) as age
    from {{ ref('stg_nycflights13__weather') }}

),

staged as (

    select
        origin_code as airport_code,
        observed_hour_at_utc
    from releases
    where age = 1
    union all
    select
        origin_code as airport_code,
        observed_hour_at_utc
    from {{ ref('stg_nycflights23__weather') }}

),

staged_hours as (

    select
        airport_code,
        observed_hour_at_utc
    from staged
    group by airport_code, observed_hour_at_utc

),

compared as (

    select
        staged_hours.airport_code as staged_airport_code,
        staged_hours.observed_hour_at_utc as staged_hour_at_utc,
        facts.airport_code as fact_airport_code,
        facts.observed_hour_at_utc as fact_hour_at_utc
    from staged_hours
    full outer join facts
        on
            staged_hours.airport_code = facts.airport_code
            and staged_hours.observed_hour_at_utc = facts.observed_hour_at_utc

)

select *
from compared
where staged_airport_code is null or fact_airport_code is null
