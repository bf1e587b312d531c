with timed as (

    select * from {{ ref('int_flights__timed') }}

),

statuses as (

    select * from {{ ref('flight_statuses') }}

),

measured as (

    select
        timed.*,
        case
            when timed.was_cancelled and timed.cancellation_code is null then 20
            when timed.was_cancelled then coalesce(reasons.flight_status_key, 29)
            when not timed.was_diverted then 1
            when timed.is_diversion_destination_reached is null then 30
            when timed.is_diversion_destination_reached then 31
            else 32
        end as flight_status_key,
        -- BTS: on time is less than 15 minutes late where the flight was bound for.
        not timed.was_cancelled
        and not timed.was_diverted
        and coalesce(timed.arrival_delay_minutes < 15, false) as is_on_time,
        coalesce(
            timed.scheduled_elapsed_minutes,
            {{ minutes_between('timed.scheduled_departure_at_utc',
                               'timed.scheduled_arrival_at_utc') }}
        ) as scheduled_block_minutes,
        coalesce(
            timed.actual_elapsed_minutes,
            {{ minutes_between('timed.departure_at_utc', 'timed.arrival_at_utc') }}
        ) as actual_block_minutes
    from timed
    left join statuses as reasons
        on timed.cancellation_code = reasons.cancellation_reason_code

)

select * from measured
