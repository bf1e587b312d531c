{{ config(meta={'indexed': [
    {'columns': ['aircraft_key'], 'unique': true},
]}) }}

with versions as (

    select * from {{ ref('int_aircraft__versions') }}

),

manufacturers as (

    select * from {{ ref('aircraft_manufacturers') }}

),

members as (

    {{ dimension_members(
        versions='versions',
        code='tail_number',
        type='aircraft',
        unknown='The source does not say which aircraft flew.',
        not_applicable='The flight was cancelled before it had an aircraft.',
    ) }}

),

aircraft as (

    select
        members.member_key as aircraft_key,
        members.durable_key as aircraft_durable_key,
        members.tail_number,
        versions.year_built,
        versions.aircraft_type,
        versions.manufacturer_name,
        coalesce(manufacturers.manufacturer_group, versions.manufacturer_name)
            as manufacturer_group,
        versions.model_name,
        versions.engine_count,
        versions.engine_type,
        versions.seat_count,
        versions.cruising_speed_mph,
        -- Scheduled carriers fly nothing smaller than 19 seats; a match with less is a
        -- coincidence of numbers: a fleet number, or a registration used again.
        versions.seat_count >= 19 as is_plausible_airliner,
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
            members.tail_number = versions.tail_number
            and members.valid_from = versions.valid_from
    left join manufacturers
        on versions.manufacturer_name = manufacturers.manufacturer_name

)

select * from aircraft
