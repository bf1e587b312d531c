with source as (

    select * from {{ source('contrail', 'deliveries') }}

),

renamed as (

    select
        -- key
        seq,
        batch_id,

        -- what was delivered
        source_name,
        table_name,
        delivery_mode,
        delivery_key,
        period_start,
        period_end,
        source_file,

        -- measures
        rows_read,
        rows_landed,
        rows_rejected,

        -- state
        landed_at,
        is_live,
        operation,
        undoes_seq
    from source

)

select * from renamed
