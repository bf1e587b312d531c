{# A 64-bit floating point number. `dbt.type_float` has 32 bits on DuckDB. #}
{% macro type_double() -%}
    {{ return(adapter.dispatch('type_double', 'contrail')()) }}
{%- endmacro %}

{% macro default__type_double() -%}
    double precision
{%- endmacro %}

{% macro duckdb__type_double() -%}
    double
{%- endmacro %}

{% macro spark__type_double() -%}
    double
{%- endmacro %}
