with unioned as (

    select * from {{ ref('int_flights__unioned') }}
    {{ kept_together('flight_date') }}

),

identified as (

    select
        *,
        -- How well a row says which flight it is. A better identified row is preferred to a
        -- worse one whatever its source: only it can be matched by the worse one.
        case
            when carrier_code is null then 3
            when flight_number is null or not is_flight_number_real then 2
            else 1
        end as identity_level
    from unioned

),

ranked as (

    select
        *,
        cast(identity_level * 100 + source_rank as bigint) * 1000000000 - _seq
            as preference_rank
    from identified

),

counted as (

    select
        *,
        -- Rows of one delivery are different flights unless they give the same identity.
        flight_number is not null
        and identity_level < 3
        and row_number() over (
            partition by
                flight_date, carrier_code, flight_number, origin_code, destination_code,
                scheduled_departure_hhmm, _batch_id
            order by _source_row
        ) > 1 as is_repeated
    from ranked

),

placed as (

    select
        *,
        -- The n-th flight of a carrier, or of all carriers, in a slot: same day, same two
        -- airports, same scheduled minute. What cannot be matched by number is matched so.
        row_number() over (
            partition by
                flight_date, origin_code, destination_code, scheduled_departure_hhmm,
                carrier_code, _batch_id, is_repeated
            order by flight_number nulls last, _source_row
        ) as place_in_carrier_slot,
        row_number() over (
            partition by
                flight_date, origin_code, destination_code, scheduled_departure_hhmm, _batch_id,
                is_repeated
            order by carrier_code nulls last, flight_number nulls last, _source_row
        ) as place_in_slot
    from counted

),

compared as (

    select
        *,
        min(case when identity_level = 1 then preference_rank end) over (
            partition by
                flight_date, carrier_code, flight_number, origin_code, destination_code,
                scheduled_departure_hhmm
        ) as best_with_number,
        min(preference_rank) over (
            partition by
                flight_date, origin_code, destination_code, scheduled_departure_hhmm,
                carrier_code, place_in_carrier_slot
        ) as best_in_carrier_slot,
        min(preference_rank) over (
            partition by
                flight_date, origin_code, destination_code, scheduled_departure_hhmm,
                place_in_slot
        ) as best_in_slot
    from placed

),

resolved as (

    select
        *,
        case
            when is_repeated then 'repeated_in_delivery'
            when identity_level = 1 and best_with_number < preference_rank
                then 'known_from_better_source'
            when identity_level = 2 and best_in_carrier_slot < preference_rank
                then 'known_from_better_source'
            when identity_level = 3 and best_in_slot < preference_rank
                then 'known_from_better_source'
            else 'kept'
        end as resolution,
        -- A code that stands for the number in one source only must not meet a real number,
        -- and flights without a number are told apart by their place in the slot.
        {{ surrogate_key([
            'flight_date', 'carrier_code', 'flight_number', 'origin_code', 'destination_code',
            'scheduled_departure_hhmm',
            'case when identity_level = 2 then source_system end',
            'case when identity_level = 3 then place_in_slot '
            ~ 'when flight_number is null then place_in_carrier_slot end'
        ]) }} as flight_key
    from compared

)

select * from resolved
