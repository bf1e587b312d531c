{{ config(meta={'indexed': [
    {'columns': ['carrier_key'], 'unique': true},
]}) }}

with versions as (

    select * from {{ ref('int_carriers__versions') }}

),

members as (

    {{ dimension_members(
        versions='versions',
        code='carrier_code',
        type='carrier',
        unknown='The source does not say which carrier flew.',
        not_applicable='There is no carrier.',
    ) }}

),

carriers as (

    select
        members.member_key as carrier_key,
        members.durable_key as carrier_durable_key,
        members.carrier_code,
        versions.carrier_name,
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
            members.carrier_code = versions.carrier_code
            and members.valid_from = versions.valid_from

)

select * from carriers
