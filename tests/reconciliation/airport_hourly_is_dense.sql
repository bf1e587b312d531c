-- Every month of an airport has all its days, and every day 23, 24 or 25 consecutive hours.
with hours as (

    select * from {{ ref('fct_airport_hourly') }}

),

days as (

    select
        airport_code,
        local_date,
        count(distinct hour_at_utc) as hour_count,
        {{ minutes_between('min(hour_at_utc)', 'max(hour_at_utc)') }} as minutes_spanned
    from hours
    group by airport_code, local_date

),

months as (

    select
        airport_code,
        {{ month_start('local_date') }} as flight_month,
        count(*) as day_count,
        max(local_date) as last_date,
        sum(
            case
                when hour_count between 23 and 25 and minutes_spanned = (hour_count - 1) * 60
                    then 0
                else 1
            end
        ) as broken_days
    from days
    group by airport_code, {{ month_start('local_date') }}

)

select *
from months
where
    broken_days > 0
    or {{ date_add('month', 1, 'flight_month') }} != {{ date_add('day', 1, 'last_date') }}
    or day_count != extract(day from last_date)
