{#
  With the variable as_of_seq all models are built from the raw relations of a state: the warehouse as
  it stood after that commit (docs/history.md).
#}
{% macro source(source_name, table_name) %}
    {% set relation = builtins.source(source_name, table_name) %}
    {% set suffix = state_suffix() %}
    {# Not what dbt writes itself (models/ops), nor the given rows of a unit test, which have no schema. #}
    {% if not suffix or not (relation.schema or '').startswith('raw_') %}
        {{ return(relation) }}
    {% endif %}
    {{ return(relation.incorporate(path={'schema': relation.schema ~ suffix})) }}
{% endmacro %}

{# What the names of a state's raw schemas end with; profiles.yml and python_loaders/states agree. #}
{% macro state_suffix() -%}
    {{ return(adapter.dispatch('state_suffix', 'contrail')()) }}
{%- endmacro %}

{% macro default__state_suffix() -%}
    {% set number = var('as_of_seq', none) %}
    {{ return('' if number is none else '_as_of_' ~ number) }}
{%- endmacro %}

{# A state is a file of its own, in which everything has its usual name. #}
{% macro duckdb__state_suffix() -%}
    {{ return('') }}
{%- endmacro %}
