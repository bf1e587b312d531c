{{
    config(
        materialized='incremental',
        incremental_strategy='partition_overwrite',
        on_schema_change='fail',
        meta={'partition': {'field': 'flight_date', 'granularity': 'month'}}
    )
}}
{%- set plan = partitions_to_build(inputs=ref('int_flights__partitions')) %}

with matched as (

    select *
    from {{ ref('int_flights__matched') }}
    where resolution = 'kept' and {{ in_partitions('flight_date', plan) }}

),

airports as (

    select * from {{ ref('int_airports__reference') }}

),

kept as (

    select
        matched.*,
        origins.time_zone as origin_time_zone,
        destinations.time_zone as destination_time_zone,
        coalesce(
            matched.is_cancelled,
            matched.departure_hhmm is null and matched.departure_delay_minutes is null
        ) as was_cancelled
    from matched
    left join airports as origins
        on matched.origin_code = origins.airport_code
    left join airports as destinations
        on matched.destination_code = destinations.airport_code
    {{ fence() }}

),

statuses as (

    select
        *,
        -- A source without flags leaves it to be read from the times: a flight that never
        -- left was cancelled, one that left and has no arrival delay was diverted.
        not was_cancelled and coalesce(is_diverted, arrival_delay_minutes is null)
            as was_diverted,
        {{ add_minutes(
            'cast(flight_date as timestamp)', hhmm_to_minutes('scheduled_departure_hhmm')
        ) }} as scheduled_departure_at_local
    from kept
    {{ fence() }}

),

scheduled_departures as (

    select
        *,
        -- The delivered UTC hour wins over the clock: it is right also in the hour that the
        -- end of summer time repeats.
        coalesce(
            {{ add_minutes(
                'scheduled_departure_hour_at_utc', 'mod(scheduled_departure_hhmm, 100)'
            ) }},
            {{ local_to_utc('scheduled_departure_at_local', 'origin_time_zone') }}
        ) as scheduled_departure_at_utc
    from statuses
    {{ fence() }}

),

first_arrivals as (

    select
        *,
        -- The scheduled arrival is the first time after the departure at which the clock at
        -- the destination shows it. The source's elapsed time is preferred: it is exact.
        {{ add_minutes(
            'scheduled_departure_at_utc',
            'coalesce(scheduled_elapsed_minutes, '
            ~ within_day(
                hhmm_to_minutes('scheduled_arrival_hhmm') ~ ' - '
                ~ minute_of_day(
                    utc_to_local('scheduled_departure_at_utc', 'destination_time_zone')
                )
            ) ~ ')'
        ) }} as first_arrival_at_utc
    from scheduled_departures
    {{ fence() }}

),

scheduled_arrivals as (

    select
        *,
        -- When the clocks change on the way, the clock found is off by the change: put right.
        case
            when scheduled_elapsed_minutes is not null then first_arrival_at_utc
            else {{ add_minutes(
                'first_arrival_at_utc',
                within_day(
                    hhmm_to_minutes('scheduled_arrival_hhmm') ~ ' - '
                    ~ minute_of_day(
                        utc_to_local('first_arrival_at_utc', 'destination_time_zone')
                    ) ~ ' + 720'
                ) ~ ' - 720'
            ) }}
        end as scheduled_arrival_at_utc
    from first_arrivals
    {{ fence() }}

),

actuals as (

    select
        *,
        -- Actual times are scheduled times plus delays, never the date plus a clock reading,
        -- which goes wrong at midnight. A diverted flight that came in has its own delay.
        {{ add_minutes('scheduled_departure_at_utc', 'departure_delay_minutes') }}
            as departure_at_utc,
        {{ add_minutes(
            'scheduled_arrival_at_utc',
            'coalesce(arrival_delay_minutes, diversion_arrival_delay_minutes)'
        ) }} as arrival_at_utc
    from scheduled_arrivals
    {{ fence() }}

),

timed as (

    select
        *,
        {{ utc_to_local('scheduled_arrival_at_utc', 'destination_time_zone') }}
            as scheduled_arrival_at_local,
        {{ utc_to_local('departure_at_utc', 'origin_time_zone') }} as departure_at_local,
        {{ utc_to_local('arrival_at_utc', 'destination_time_zone') }} as arrival_at_local,
        {{ add_minutes('departure_at_utc', 'taxi_out_minutes') }} as wheels_off_at_utc,
        {{ add_minutes('arrival_at_utc', '-1 * taxi_in_minutes') }} as wheels_on_at_utc
    from actuals

)

select * from timed
{{ partition_order('flight_date') }}
