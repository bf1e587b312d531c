{#
  The measures of on-time performance over a group of rows of the wide view `flights`, one
  definition for all reporting marts. On time is the definition of BTS: arrived less than 15
  minutes late, as a share of all scheduled flights; cancelled and diverted flights count as
  not on time (bts.gov, "Airline On-Time Performance and Causes of Flight Delays").
#}
{% macro performance_measures() -%}
    count(*) as scheduled_flights,
        {{ count_if('flight_status = \'completed\'') }} as completed_flights,
        {{ count_if('is_cancelled') }} as cancelled_flights,
        {{ count_if('is_diverted') }} as diverted_flights,
        {{ count_if('is_on_time') }} as on_time_flights,
        {{ count_if('departure_delay_minutes >= 15') }} as late_departures,
        count(departure_delay_minutes) as departures_with_delay,
        count(arrival_delay_minutes) as arrivals_with_delay,
        cast(coalesce(sum(departure_delay_minutes), 0) as bigint) as departure_delay_minutes,
        cast(coalesce(sum(arrival_delay_minutes), 0) as bigint) as arrival_delay_minutes,
        {{ safe_divide(count_if('is_on_time'), 'count(*)') }} as on_time_share,
        {{ safe_divide(count_if('is_cancelled'), 'count(*)') }} as cancelled_share,
        {{ safe_divide('sum(departure_delay_minutes)', 'count(departure_delay_minutes)') }}
            as mean_departure_delay_minutes,
        {{ safe_divide('sum(arrival_delay_minutes)', 'count(arrival_delay_minutes)') }}
            as mean_arrival_delay_minutes
{%- endmacro %}

{% macro count_if(condition) -%}
    cast(sum(case when {{ condition }} then 1 else 0 end) as bigint)
{%- endmacro %}
