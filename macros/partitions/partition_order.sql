{#
  The order in which a partitioned table is written: by date where the engine prunes by it
  (row group bounds on DuckDB, BRIN on PostgreSQL), none on Spark, whose files are partitioned.
#}
{% macro partition_order(column) -%}
    {{ return(adapter.dispatch('partition_order', 'contrail')(column)) }}
{%- endmacro %}

{% macro default__partition_order(column) -%}
    order by {{ column }}
{%- endmacro %}

{% macro spark__partition_order(column) -%}
{%- endmacro %}
