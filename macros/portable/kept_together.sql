{#
  Put at the end of an import whose rows are then ranked and compared within groups that all have this
  column in common. Spark would bring the rows together anew for each of the groupings; so it does it
  once. The other engines have all rows at hand.
#}
{% macro kept_together(column) -%}
    {{ return(adapter.dispatch('kept_together', 'contrail')(column)) }}
{%- endmacro %}

{% macro default__kept_together(column) -%}
{%- endmacro %}

{% macro spark__kept_together(column) -%}
    distribute by {{ column }}
{%- endmacro %}
