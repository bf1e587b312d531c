with weather as (

    select * from {{ ref('int_weather__conformed') }}

),

stations as (

    select
        {{ month_start('observed_hour_at_utc') }} as observed_month,
        airport_code,
        count(*) as hours_observed
    from weather
    group by {{ month_start('observed_hour_at_utc') }}, airport_code

)

select * from stations
