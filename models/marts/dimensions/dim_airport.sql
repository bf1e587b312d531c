{{ config(meta={'indexed': [
    {'columns': ['airport_key'], 'unique': true},
]}) }}

with versions as (

    select * from {{ ref('int_airports__versions') }}

),

reference as (

    select * from {{ ref('int_airports__reference') }}

),

weather as (

    select * from {{ ref('int_weather__stations') }}

),

members as (

    {{ dimension_members(
        versions='versions',
        code='airport_code',
        type='airport',
        unknown='The source does not say which airport.',
        not_applicable='There is no such airport: the flight was not diverted.',
        named_by='weather',
    ) }}

),

airports as (

    select
        members.member_key as airport_key,
        members.durable_key as airport_durable_key,
        members.airport_code,
        reference.icao_code,
        versions.airport_name,
        reference.city_name,
        reference.subdivision_name,
        reference.country_code,
        versions.latitude,
        versions.longitude,
        versions.elevation_feet,
        reference.time_zone,
        -- More than a degree away from where airportsdata has the airport: swapped or
        -- mistyped coordinates, or another airport with the same code.
        coalesce(
            abs(versions.latitude - reference.latitude) > 1
            or abs(versions.longitude - reference.longitude) > 1,
            false
        ) as is_position_disputed,
        coalesce(versions.is_listed, false) as is_listed,
        members.valid_from,
        members.valid_to,
        members.is_current,
        members.member_status,
        members.member_reason,
        versions.record_source,
        versions._batch_id,
        versions._seq,
        versions._source_file,
        versions._source_row
    from members
    left join versions
        on
            members.airport_code = versions.airport_code
            and members.valid_from = versions.valid_from
    left join reference
        on members.airport_code = reference.airport_code

)

select * from airports
