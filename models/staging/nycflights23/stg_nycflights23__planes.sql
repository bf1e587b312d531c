with source as (

    select * from {{ source('nycflights23', 'planes') }}

),

renamed as (

    select
        -- key
        cast(_delivery_key as date) as snapshot_date,
        tailnum as tail_number,

        -- attributes
        cast(year as integer) as year_built,
        type as aircraft_type,
        manufacturer as manufacturer_name,
        model as model_name,
        cast(engines as integer) as engine_count,
        cast(seats as integer) as seat_count,
        -- 0 in every row of 2023: unknown, not standing still
        cast(nullif(speed, 0) as integer) as cruising_speed_mph,
        engine as engine_type,

        -- audit
        {{ audit_columns() }}
    from source

)

select * from renamed
