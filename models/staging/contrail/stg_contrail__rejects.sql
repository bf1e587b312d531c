with source as (

    select * from {{ source('contrail', 'rejects') }}

),

renamed as (

    select
        -- key
        seq,
        batch_id,
        source_row,

        -- where it stood
        source_name,
        table_name,
        source_file,
        source_line,
        column_name,

        -- what is wrong
        reason,
        raw_text
    from source

)

select * from renamed
