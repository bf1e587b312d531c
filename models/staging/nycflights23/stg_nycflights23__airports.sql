with source as (

    select * from {{ source('nycflights23', 'airports') }}

),

renamed as (

    select
        -- key
        cast(_delivery_key as date) as snapshot_date,
        faa as airport_code,

        -- attributes
        name as airport_name,
        lat as latitude,
        lon as longitude,
        alt as elevation_feet,
        tz as utc_offset_hours,
        dst as dst_code,
        tzone as time_zone,

        -- audit
        {{ audit_columns() }}
    from source

)

select * from renamed
