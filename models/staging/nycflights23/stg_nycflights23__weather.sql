with source as (

    select * from {{ source('nycflights23', 'weather') }}

),

renamed as (

    select
        -- key
        origin as origin_code,
        time_hour as observed_hour_at_utc,

        -- parts of the UTC time
        cast(year as integer) as observed_year_utc,
        cast(month as integer) as observed_month_utc,
        cast(day as integer) as observed_day_utc,
        cast(hour as integer) as observed_hour_utc,

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
