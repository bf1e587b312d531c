with source as (

    select * from {{ source('bts', 'on_time_selected') }}

),

renamed as (

    select
        -- a download may hold the parts of the date and not the date
        {{ bts_on_time_columns(
            flight_date='coalesce(flightdate, make_date(year, month, dayofmonth))'
        ) }},

        -- audit
        {{ audit_columns() }}
    from source

)

select * from renamed
