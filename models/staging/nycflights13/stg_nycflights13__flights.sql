with source as (

    select * from {{ source('nycflights13', 'flights') }}

),

renamed as (

    select
        -- key
        make_date(year, month, day) as flight_date,
        carrier as carrier_code,
        cast(flight as bigint) as flight_number,
        tailnum as tail_number,
        origin as origin_code,
        dest as destination_code,

        -- clock times, without a date
        cast(sched_dep_time as integer) as scheduled_departure_hhmm,
        cast(hour as integer) as scheduled_departure_hour,
        cast(minute as integer) as scheduled_departure_minute,
        cast(dep_time as integer) as departure_hhmm,
        cast(sched_arr_time as integer) as scheduled_arrival_hhmm,
        cast(arr_time as integer) as arrival_hhmm,
        -- true UTC here; nycflights23 delivers local time under the same name
        time_hour as scheduled_departure_hour_at_utc,

        -- measures
        cast(dep_delay as integer) as departure_delay_minutes,
        cast(arr_delay as integer) as arrival_delay_minutes,
        cast(air_time as integer) as air_time_minutes,
        cast(distance as integer) as distance_miles,

        -- audit
        {{ audit_columns() }}
    from source

)

select * from renamed
