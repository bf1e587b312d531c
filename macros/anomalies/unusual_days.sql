{#
  A query for the days of a relation that are not like those before them, with what was expected instead.
  The parameters are those of observed_days and scored_days, whose SQL this puts together.

  warn_at, error_at   scores from which a day is returned, and fails; error_at: none never fails
  last_days           only that many days up to the last one are tested; none: all are
#}
{% macro unusual_days(
    relation, day, measure, monitor, filled='measured', by=none, months=false, every='day',
    holidays=none, incidents=none, lookback=8, least=4, least_rows=0, recent=7, trend=0.2,
    floor=1, share_floor=0.05, holiday_floor=0.25, warn_at=3.5, error_at=5, last_days=none
) -%}
{%- if error_at is none %}
    {{- config(severity='warn') }}
{%- else %}
    {{- config(error_if='> 0 and max(abs(score)) >= ' ~ error_at) }}
{%- endif -%}
with {{ observed_days(
    relation, day, measure, filled, by, months, every, holidays, incidents, monitor
) }},

{{ scored_days(
    lookback, least, least_rows, 7 if every == 'day' else 1, recent,
    trend, floor, share_floor, holiday_floor
) }},

unusual_days as (

    select *
    from scored_days
    where
        abs(score) >= {{ warn_at }}
        {%- if last_days is not none %}
        and day > {{ date_add('day', -1 * last_days, '(select max(day) from days)') }}
        {%- endif %}

)

select * from unusual_days
{%- endmacro %}
