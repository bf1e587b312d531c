{# Tables are Parquet and views are checked against their contract; constraints are data tests. #}
{% macro spark__create_table_as(temporary, relation, compiled_code, language='sql') -%}
    {%- set rows = with_partition_month(compiled_code) if is_partitioned() else compiled_code -%}
    {%- if temporary -%}
        {{ strictly('create or replace temporary view ' ~ relation ~ ' as ' ~ rows) }}
    {%- else -%}
        {%- if config.get('contract').enforced -%}
            {{ get_assert_columns_equivalent(compiled_code) }}
            {%- set rows = get_select_subquery(rows) if not is_partitioned()
                else with_partition_month(get_select_subquery(compiled_code)) -%}
        {%- endif -%}
        {%- set statement -%}
            create table {{ relation }} using parquet
            {% if is_partitioned() %}partitioned by (partition_month){% endif %}
            as {{ in_few_files(rows) if is_partitioned() else rows }}
        {%- endset -%}
        {{ strictly(statement) }}
    {%- endif -%}
{%- endmacro %}

{% macro spark__create_view_as(relation, sql) -%}
    {%- if config.get('contract').enforced -%}
        {{ get_assert_columns_equivalent(sql) }}
    {%- endif -%}
    {{ strictly('create or replace view ' ~ relation ~ ' as ' ~ sql) }}
{%- endmacro %}

{% macro spark__file_format_clause() -%} using parquet {%- endmacro %}

{# Parquet keeps none: data tests see what a constraint would. #}
{% macro spark__persist_constraints(relation, model) -%} {%- endmacro %}

{# The types of contracts and seeds, as Spark calls them. #}
{% macro spark_type(data_type) -%}
    {{ return({'text': 'string', 'double precision': 'double'}.get(data_type, data_type)) }}
{%- endmacro %}

{% macro spark__get_empty_schema_sql(columns) -%}
    select
    {%- for column in columns.values() %}
        cast(null as {{ spark_type(column['data_type']) }}) as {{ column['name'] }}{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{# Post-hook: what a join needs to know to choose how it is done. #}
{% macro refresh_statistics() -%}
    {%- if execute -%}
        {{ return(adapter.dispatch('refresh_statistics', 'contrail')()) }}
    {%- endif -%}
{%- endmacro %}

{% macro default__refresh_statistics() -%}
{%- endmacro %}

{% macro spark__refresh_statistics() -%}
    {%- if model['config']['materialized'] in ('table', 'incremental') -%}
        analyze table {{ this }} compute statistics
    {%- endif -%}
{%- endmacro %}
