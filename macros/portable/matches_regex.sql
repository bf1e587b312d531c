{#
  Whether a text matches a regular expression somewhere in it; null for null. Write classes as
  [0-9] and anchor with ^ and $: a backslash means something else in Spark's literals.
#}
{% macro matches_regex(text_expression, pattern) -%}
    {{ return(adapter.dispatch('matches_regex', 'contrail')(text_expression, pattern)) }}
{%- endmacro %}

{% macro default__matches_regex(text_expression, pattern) -%}
    {{ text_expression }} ~ '{{ pattern }}'
{%- endmacro %}

{% macro duckdb__matches_regex(text_expression, pattern) -%}
    regexp_matches({{ text_expression }}, '{{ pattern }}')
{%- endmacro %}

{% macro spark__matches_regex(text_expression, pattern) -%}
    {{ text_expression }} rlike '{{ pattern }}'
{%- endmacro %}
