{#
  Pre-hook, for this model's transaction only: PostgreSQL takes "row_number() = 1" for one row in two
  hundred and joins what it thinks is little by nested loops (int_airports__versions: 11.6 s instead of
  0.3). The other engines join such sets by hash anyway.
#}
{% macro few_nested_loops() -%}
    {{ return(adapter.dispatch('few_nested_loops', 'contrail')()) }}
{%- endmacro %}

{% macro default__few_nested_loops() -%}
{%- endmacro %}

{% macro postgres__few_nested_loops() -%}
    set local enable_nestloop = off
{%- endmacro %}
