{#- Fails with every month and measure of an aggregate of flights whose sum is not that of fct_flights,
    and with every month that only one of the two has. The measures of the fact are written out here,
    so that a mistake in the aggregate's own macro is seen. -#}
{% test sums_to_flights(model) %}
{%- set measures = {
    'scheduled_flights': '1',
    'completed_flights': 'case when not is_cancelled and not is_diverted then 1 else 0 end',
    'cancelled_flights': 'case when is_cancelled then 1 else 0 end',
    'diverted_flights': 'case when is_diverted then 1 else 0 end',
    'on_time_flights': 'case when is_on_time then 1 else 0 end',
    'late_departures': 'case when departure_delay_minutes >= 15 then 1 else 0 end',
    'departures_with_delay': 'case when departure_delay_minutes is not null then 1 else 0 end',
    'arrivals_with_delay': 'case when arrival_delay_minutes is not null then 1 else 0 end',
    'departure_delay_minutes': 'coalesce(departure_delay_minutes, 0)',
    'arrival_delay_minutes': 'coalesce(arrival_delay_minutes, 0)',
} %}

with fact as (

    select
        {%- for measure, expression in measures.items() %}
        sum({{ expression }}) as {{ measure }},
        {%- endfor %}
        {{ month_start('flight_date') }} as flight_month
    from {{ ref('fct_flights') }}
    group by {{ month_start('flight_date') }}

),

aggregate_sums as (

    select
        {%- for measure in measures %}
        sum({{ measure }}) as {{ measure }},
        {%- endfor %}
        flight_month
    from {{ model }}
    group by flight_month

),

compared as (

    {%- for measure in measures %}
    select
        coalesce(fact.flight_month, aggregate_sums.flight_month) as flight_month,
        '{{ measure }}' as measure,
        fact.{{ measure }} as in_fact,
        aggregate_sums.{{ measure }} as in_aggregate
    from fact
    full outer join aggregate_sums
        on fact.flight_month = aggregate_sums.flight_month
    {{ 'union all' if not loop.last }}
    {%- endfor %}

)

select *
from compared
where in_fact is null or in_aggregate is null or in_fact <> in_aggregate

{% endtest %}
