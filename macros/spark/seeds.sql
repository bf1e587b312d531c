{#
  Seeds as literals. dbt-spark binds values by its own rules, which in a session make the text 'None'
  of a NULL and end a statement at an apostrophe.
#}
{% macro spark__create_csv_table(model, agate_table) %}
    {% set types = model['config'].get('column_types', {}) %}
    {% set statement %}
        create table {{ this }} (
            {%- for name in agate_table.column_names %}
            {{ adapter.quote(name) }} {{ spark_type(types.get(name) or adapter.convert_type(agate_table, loop.index0)) }}
            {{- ',' if not loop.last }}
            {%- endfor %}
        ) using parquet
    {% endset %}
    {% do run_query(statement) %}
    {{ return(statement) }}
{% endmacro %}

{% macro spark__load_csv_rows(model, agate_table) %}
    {% set types = model['config'].get('column_types', {}) %}
    {% set statements = [] %}
    {% for chunk in agate_table.rows | batch(get_batch_size()) %}
        {% set statement %}
            insert into {{ this }} values
            {%- for row in chunk %}
            (
                {%- for value in row -%}
                {%- set name = agate_table.column_names[loop.index0] -%}
                {%- set type = spark_type(types.get(name) or adapter.convert_type(agate_table, loop.index0)) -%}
                cast({{ spark_literal(value) }} as {{ type }}){{ ', ' if not loop.last }}
                {%- endfor -%}
            ){{ ',' if not loop.last }}
            {%- endfor %}
        {% endset %}
        {% do run_query(strictly(statement)) %}
        {% do statements.append(statement) %}
    {% endfor %}
    {{ return(statements | first) }}
{% endmacro %}

{% macro spark_literal(value) -%}
    {%- if value is none -%} null
    {%- else -%} '{{ value | string | replace('\\', '\\\\') | replace("'", "\\'") }}'
    {%- endif -%}
{%- endmacro %}
