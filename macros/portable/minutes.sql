{# Whole minutes from one timestamp to another; both must stand on whole minutes. #}
{% macro minutes_between(from_expression, to_expression) -%}
    {{ return(adapter.dispatch('minutes_between', 'contrail')(from_expression, to_expression)) }}
{%- endmacro %}

{% macro default__minutes_between(from_expression, to_expression) -%}
    cast({{ dbt.datediff(from_expression, to_expression, 'minute') }} as bigint)
{%- endmacro %}

{# Each end named once: PostgreSQL works a repeated expression out as often as it stands there. #}
{% macro postgres__minutes_between(from_expression, to_expression) -%}
    cast(extract(epoch from ({{ to_expression }}) - ({{ from_expression }})) / 60 as bigint)
{%- endmacro %}

{% macro spark__minutes_between(from_expression, to_expression) -%}
    timestampdiff(minute, {{ from_expression }}, {{ to_expression }})
{%- endmacro %}

{# A timestamp moved by whole minutes. #}
{% macro add_minutes(timestamp_expression, minutes) -%}
    {{ return(adapter.dispatch('add_minutes', 'contrail')(timestamp_expression, minutes)) }}
{%- endmacro %}

{% macro default__add_minutes(timestamp_expression, minutes) -%}
    {{ dbt.dateadd('minute', '(' ~ minutes ~ ')', '(' ~ timestamp_expression ~ ')') }}
{%- endmacro %}

{% macro spark__add_minutes(timestamp_expression, minutes) -%}
    timestampadd(minute, cast({{ minutes }} as int), {{ timestamp_expression }})
{%- endmacro %}

{% macro subtract_minutes(timestamp_expression, minutes) -%}
    {{ add_minutes(timestamp_expression, '-1 * ' ~ minutes) }}
{%- endmacro %}

{# Minute of the day (0 to 1439) of a timestamp. #}
{% macro minute_of_day(timestamp_expression) -%}
    cast(
        extract(hour from {{ timestamp_expression }}) * 60
        + extract(minute from {{ timestamp_expression }}) as integer
    )
{%- endmacro %}

{# Minutes after midnight of an hhmm clock reading: 517 is 317, 2400 is 1440. #}
{% macro hhmm_to_minutes(hhmm) -%}
    cast(
        ({{ hhmm }} - mod({{ hhmm }}, 100)) / 100 * 60 + mod({{ hhmm }}, 100) as integer
    )
{%- endmacro %}

{# A number of minutes brought into [0, 1440). #}
{% macro within_day(minutes) -%}
    mod(mod({{ minutes }}, 1440) + 1440, 1440)
{%- endmacro %}
