{{ config(meta={'indexed': [
    {'columns': ['date_key'], 'unique': true},
]}) }}

{%- set month_names = [
    'January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September',
    'October', 'November', 'December',
] -%}
{%- set day_names = [
    'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday',
] -%}
with days as (

    -- One day more than the calendar has: its last day is the day before a holiday.
    {{ date_series("'1987-01-01'", "'2036-01-01'") }}

),

parts as (

    select
        series_date as calendar_date,
        cast(extract(year from series_date) as integer) as calendar_year,
        cast(extract(quarter from series_date) as integer) as quarter_of_year,
        cast(extract(month from series_date) as integer) as month_of_year,
        cast(extract(day from series_date) as integer) as day_of_month,
        cast(extract(doy from series_date) as integer) as day_of_year,
        {{ iso_day_of_week('series_date') }} as day_of_week,
        -- The Thursday of a week decides to which ISO year it belongs.
        {{ date_add('day', '4 - ' ~ iso_day_of_week('series_date'), 'series_date') }}
            as iso_thursday
    from days

),

-- 5 U.S.C. 6103; Martin Luther King day since 1986, Juneteenth since 2021.
holidays as (

    select
        *,
        case
            when month_of_year = 1 and day_of_month = 1 then 'New Year''s Day'
            when month_of_year = 1 and day_of_week = 1 and day_of_month between 15 and 21
                then 'Birthday of Martin Luther King, Jr.'
            when month_of_year = 2 and day_of_week = 1 and day_of_month between 15 and 21
                then 'Washington''s Birthday'
            when month_of_year = 5 and day_of_week = 1 and day_of_month between 25 and 31
                then 'Memorial Day'
            when month_of_year = 6 and day_of_month = 19 and calendar_year >= 2021
                then 'Juneteenth National Independence Day'
            when month_of_year = 7 and day_of_month = 4 then 'Independence Day'
            when month_of_year = 9 and day_of_week = 1 and day_of_month between 1 and 7
                then 'Labor Day'
            when month_of_year = 10 and day_of_week = 1 and day_of_month between 8 and 14
                then 'Columbus Day'
            when month_of_year = 11 and day_of_month = 11 then 'Veterans Day'
            when month_of_year = 11 and day_of_week = 4 and day_of_month between 22 and 28
                then 'Thanksgiving Day'
            when month_of_year = 12 and day_of_month = 25 then 'Christmas Day'
        end as holiday_name
    from parts

),

neighbours as (

    select
        *,
        lag(holiday_name) over (order by calendar_date) as holiday_yesterday,
        lead(holiday_name) over (order by calendar_date) as holiday_tomorrow
    from holidays

),

calendar as (

    select
        {{ date_key('calendar_date') }} as date_key,
        calendar_date,
        calendar_year,
        quarter_of_year,
        month_of_year,
        {{ name_of('month_of_year', month_names) }} as month_name,
        {{ month_start('calendar_date') }} as month_start_date,
        day_of_month,
        day_of_year,
        day_of_week,
        {{ name_of('day_of_week', day_names) }} as day_name,
        day_of_week >= 6 as is_weekend,
        cast(extract(year from iso_thursday) as integer) as iso_year,
        cast(
            ({{ dbt.datediff(
                "cast(cast(extract(year from iso_thursday) as integer) || '-01-01' as date)",
                'iso_thursday', 'day'
            ) }} - mod({{ dbt.datediff(
                "cast(cast(extract(year from iso_thursday) as integer) || '-01-01' as date)",
                'iso_thursday', 'day'
            ) }}, 7)) / 7 + 1 as integer
        ) as iso_week,
        holiday_name is not null as is_federal_holiday,
        holiday_name,
        -- A holiday on a Saturday is kept on Friday, one on a Sunday on Monday.
        (holiday_name is not null and day_of_week <= 5)
        or (holiday_tomorrow is not null and day_of_week = 5)
        or (holiday_yesterday is not null and day_of_week = 1) as is_federal_holiday_observed,
        holiday_tomorrow is not null as is_day_before_holiday,
        holiday_yesterday is not null as is_day_after_holiday,
        'calendar' as member_status,
        'A day of the calendar.' as member_reason
    from neighbours
    where calendar_date < cast('2036-01-01' as date)

),

special as (

    select
        {{ unknown_key() }} as date_key,
        'unknown' as member_status,
        'The time is not known: the source does not say it, or it cannot be worked out.'
            as member_reason
    union all
    select
        {{ not_applicable_key() }} as date_key,
        'not_applicable' as member_status,
        'There is no such time: the flight was cancelled.' as member_reason

),

members as (

    select * from calendar
    union all
    select
        date_key,
        {% for type in ['date', 'integer', 'integer', 'integer', 'text', 'date', 'integer',
                        'integer', 'integer', 'text', 'boolean', 'integer', 'integer',
                        'boolean', 'text', 'boolean', 'boolean', 'boolean'] -%}
        cast(null as {{ dbt.type_string() if type == 'text' else type }}),
        {% endfor -%}
        member_status,
        member_reason
    from special

)

select * from members
