with aircraft as (

    select * from {{ ref('dim_aircraft') }}

),

manufacturer_groups as (

    select manufacturer_group
    from {{ ref('aircraft_manufacturers') }}
    where manufacturer_group != 'AMATEUR BUILT'
    group by manufacturer_group

),

spellings as (

    select
        manufacturer_name,
        manufacturer_group
    from aircraft
    where manufacturer_name is not null
    group by manufacturer_name, manufacturer_group

)

select
    spellings.manufacturer_name,
    spellings.manufacturer_group,
    manufacturer_groups.manufacturer_group as expected_group
from spellings
inner join manufacturer_groups
    on spellings.manufacturer_name like manufacturer_groups.manufacturer_group || '%'
where spellings.manufacturer_group != manufacturer_groups.manufacturer_group
