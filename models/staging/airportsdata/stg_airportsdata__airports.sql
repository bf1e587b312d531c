with source as (

    select * from {{ source('airportsdata', 'airports') }}

),

renamed as (

    select
        -- key
        cast(_delivery_key as date) as snapshot_date,
        icao as icao_code,
        iata as airport_code,
        lid as local_code,

        -- attributes
        name as airport_name,
        city as city_name,
        subd as subdivision_name,
        country as country_code,
        elevation as elevation_feet,
        lat as latitude,
        lon as longitude,
        tz as time_zone,

        -- audit
        {{ audit_columns() }}
    from source

)

select * from renamed
