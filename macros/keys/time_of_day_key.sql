{#
  The key of dim_time_of_day for an hhmm clock reading. 2400, the end of a day, is the
  midnight that it is. A missing reading is unknown, or not applicable where the flight
  was cancelled.
#}
{% macro time_of_day_key(hhmm, is_not_applicable='false') -%}
    coalesce(
        mod({{ hhmm_to_minutes(hhmm) }}, 1440),
        case
            when {{ is_not_applicable }} then {{ not_applicable_key() }}
            else {{ unknown_key() }}
        end
    )
{%- endmacro %}
