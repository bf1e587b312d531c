with source as (

    select * from {{ source('bts', 'on_time_monthly') }}

),

renamed as (

    select
        {{ bts_on_time_columns(flight_date='flightdate') }},

        -- audit
        {{ audit_columns() }}
    from source

)

select * from renamed
