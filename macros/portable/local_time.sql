{#
  Clock time at a place for a moment in UTC. Both are timestamps without zone, as all
  timestamps of the warehouse are; the zone is an IANA name and may be a column.
  UTC to local is unambiguous on every day of the year, also when the clocks change.
#}
{% macro utc_to_local(utc_expression, time_zone) -%}
    {{ return(adapter.dispatch('utc_to_local', 'contrail')(utc_expression, time_zone)) }}
{%- endmacro %}

{% macro default__utc_to_local(utc_expression, time_zone) -%}
    (({{ utc_expression }}) at time zone 'UTC' at time zone {{ time_zone }})
{%- endmacro %}

{% macro spark__utc_to_local(utc_expression, time_zone) -%}
    from_utc_timestamp({{ utc_expression }}, {{ time_zone }})
{%- endmacro %}


{#
  The moment in UTC for a clock time at a place, by way of utc_to_local alone, so that the
  two hours a year that are ambiguous or missing come out the same on every engine:
  take the offset at the clock time read as UTC, then the offset at the moment this gives.
  West of Greenwich a clock time that occurs twice gives the earlier moment (summer time), and
  one that does not exist is read with the offset from after the change.
#}
{% macro local_to_utc(local_expression, time_zone) -%}
    {%- set guess = subtract_minutes(
        local_expression, utc_offset_minutes(local_expression, time_zone)
    ) -%}
    {{ subtract_minutes(local_expression, utc_offset_minutes(guess, time_zone)) }}
{%- endmacro %}


{# Minutes by which the clock at a place is ahead of UTC at a moment (New York: -300 or -240). #}
{% macro utc_offset_minutes(utc_expression, time_zone) -%}
    {{ minutes_between(utc_expression, utc_to_local(utc_expression, time_zone)) }}
{%- endmacro %}
