{# Seconds, with fractions, from one timestamp to another. #}
{% macro seconds_between(from_expression, to_expression) -%}
    {{ return(adapter.dispatch('seconds_between', 'contrail')(from_expression, to_expression)) }}
{%- endmacro %}

{% macro default__seconds_between(from_expression, to_expression) -%}
    cast(extract(epoch from ({{ to_expression }} - {{ from_expression }})) as {{ type_double() }})
{%- endmacro %}

{% macro spark__seconds_between(from_expression, to_expression) -%}
    cast(unix_micros({{ to_expression }}) - unix_micros({{ from_expression }}) as double) / 1000000
{%- endmacro %}
