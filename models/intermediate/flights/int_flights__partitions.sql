with deliveries as (

    select * from {{ ref('int_flights__delivery_partitions') }}

),

members as (

    select * from {{ ref('int_flights__members') }}

),

airports as (

    select * from {{ ref('int_airports__versions') }}

),

carriers as (

    select * from {{ ref('int_carriers__versions') }}

),

aircraft as (

    select * from {{ ref('int_aircraft__versions') }}

),

zones as (

    select * from {{ ref('int_airports__reference') }}

),

-- A version counts for the months it is valid in by the day it begins: its end shows as the
-- beginning of the next. A member's earliest version has the same key whether it was delivered
-- or inferred, so only the later ones can move the flights of a month to another version.
later_versions as (

    select
        'airport' as member_type,
        airport_code as member_code,
        valid_from,
        valid_to
    from airports
    where not is_earliest
    union all
    select
        'carrier' as member_type,
        carrier_code as member_code,
        valid_from,
        valid_to
    from carriers
    where not is_earliest
    union all
    select
        'aircraft' as member_type,
        tail_number as member_code,
        valid_from,
        valid_to
    from aircraft
    where not is_earliest

),

influences as (

    select
        members.flight_month as partition_month,
        members.member_type
        || members.member_code
        || cast(later_versions.valid_from as {{ dbt.type_string() }}) as influence
    from members
    -- fan-out: to one row per version; they are counted into one signature per month
    inner join later_versions
        on
            members.member_type = later_versions.member_type
            and members.member_code = later_versions.member_code
            and members.flight_month < later_versions.valid_to
            and {{ date_add('month', 1, 'members.flight_month') }} > later_versions.valid_from
    union all
    select
        members.flight_month as partition_month,
        'zone' || members.member_code || zones.time_zone as influence
    from members
    inner join zones
        on
            members.member_type = 'airport'
            and members.member_code = zones.airport_code

),

influence_signatures as (

    select
        partition_month,
        {{ set_signature('influence') }} as signature
    from influences
    group by partition_month

),

partitions as (

    select
        deliveries.partition_month,
        deliveries.signature || '/' || coalesce(influence_signatures.signature, '') as signature
    from deliveries
    left join influence_signatures
        on deliveries.partition_month = influence_signatures.partition_month

)

select * from partitions
