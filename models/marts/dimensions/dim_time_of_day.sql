{{ config(meta={'indexed': [
    {'columns': ['time_of_day_key'], 'unique': true},
]}) }}

with minutes as (

    {{ number_series(1439) }}

),

parts as (

    select
        number as minute_of_day,
        cast((number - mod(number, 60)) / 60 as integer) as hour_of_day,
        mod(number, 60) as minute_of_hour
    from minutes

),

clock as (

    select
        minute_of_day as time_of_day_key,
        minute_of_day,
        hour_of_day,
        minute_of_hour,
        hour_of_day * 100 + minute_of_hour as hhmm,
        lpad(cast(hour_of_day as {{ dbt.type_string() }}), 2, '0') || ':'
        || lpad(cast(minute_of_hour as {{ dbt.type_string() }}), 2, '0') as clock_time,
        -- The blocks of BTS: hours, but for the night, which is one block to 05:59.
        case
            when hour_of_day < 6 then '0001-0559'
            else
                lpad(cast(hour_of_day as {{ dbt.type_string() }}), 2, '0') || '00-'
                || lpad(cast(hour_of_day as {{ dbt.type_string() }}), 2, '0') || '59'
        end as departure_block,
        case
            when hour_of_day < 6 then 'night'
            when hour_of_day < 12 then 'morning'
            when hour_of_day < 18 then 'afternoon'
            else 'evening'
        end as part_of_day,
        'clock' as member_status,
        'A minute of the day.' as member_reason
    from parts

),

special as (

    select
        {{ unknown_key() }} as time_of_day_key,
        'unknown' as member_status,
        'The time is not known: the source does not say it.' as member_reason
    union all
    select
        {{ not_applicable_key() }} as time_of_day_key,
        'not_applicable' as member_status,
        'There is no such time: the flight was cancelled.' as member_reason

),

members as (

    select * from clock
    union all
    select
        time_of_day_key,
        cast(null as integer) as minute_of_day,
        cast(null as integer) as hour_of_day,
        cast(null as integer) as minute_of_hour,
        cast(null as integer) as hhmm,
        cast(null as {{ dbt.type_string() }}) as clock_time,
        cast(null as {{ dbt.type_string() }}) as departure_block,
        cast(null as {{ dbt.type_string() }}) as part_of_day,
        member_status,
        member_reason
    from special

)

select * from members
