with source as (

    select * from {{ source('nycflights13', 'weather') }}

),

renamed as (

    select
        -- key
        origin as origin_code,
        time_hour as observed_hour_at_utc,
        -- Re-releases have it in the name; the package holds the last one.
        coalesce(nullif(left(split_part(_source_file, 'weather_', 2), 11), ''), '2018-06-20b')
            as release_name,

        -- parts of the local New York time
        cast(year as integer) as observed_year_local,
        cast(month as integer) as observed_month_local,
        cast(day as integer) as observed_day_local,
        cast(hour as integer) as observed_hour_local,

        -- measures, as delivered
        temp as temperature_fahrenheit,
        dewp as dew_point_fahrenheit,
        humid as relative_humidity_percent,
        cast(wind_dir as integer) as wind_direction_degrees,
        wind_speed as wind_speed_mph,
        wind_gust as wind_gust_mph,
        precip as precipitation_inches,
        pressure as pressure_millibars,
        visib as visibility_miles,

        -- audit
        {{ audit_columns() }}
    from source

)

select * from renamed
