{#
  Put at the end of a CTE whose columns the next one uses many times. PostgreSQL would replace each
  use by the whole expression, and five such steps make one of thousands of terms (fct_flights: 296 s
  instead of 30). An offset of nothing keeps the step apart; filters must then stand before it.
  The other engines find common expressions by themselves.
#}
{% macro fence() -%}
    {{ return(adapter.dispatch('fence', 'contrail')()) }}
{%- endmacro %}

{% macro default__fence() -%}
{%- endmacro %}

{% macro postgres__fence() -%}
    offset 0
{%- endmacro %}
