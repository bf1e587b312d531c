{#
  partition_state on Spark: partitioned by relation_name, because Parquet has no delete; what a
  relation was built from is overwritten as a whole. All models write it, and two that write a table
  of Parquet at once take each other's files away.
#}
{% macro spark__partition_state_ddl(state) -%}
    {%- if target.threads > 1 -%}
        {{ exceptions.raise_compiler_error(
            'Spark builds one model at a time: threads is ' ~ target.threads ~ ' and has to be 1, in'
            ~ ' profiles.yml or behind --threads. Spark shares the cores out by itself.'
        ) }}
    {%- endif -%}
    create table if not exists {{ state }} (
        partition_month date, signature string, relation_name string
    ) using parquet partitioned by (relation_name)
{%- endmacro %}

{% macro spark__record_partitions(plan) -%}
    {%- if plan['complete'] or plan['months'] -%}
        {%- set months = {} if plan['complete'] else remembered_partitions(except_for=plan['months']) -%}
        {%- for month, signature in plan['months'].items() if signature is not none -%}
            {%- do months.update({month: signature}) -%}
        {%- endfor -%}
        {{ remembering_sql(months) }}
    {%- endif -%}
{%- endmacro %}

{# What this model's months were built from, but for some: {month: signature}. #}
{% macro remembered_partitions(except_for) %}
    {% set months = {} %}
    {% for row in run_query(
        'select partition_month, signature from ' ~ partition_state_relation()
        ~ " where relation_name = '" ~ partition_owner(this) ~ "'"
    ).rows if row[0] | string not in except_for %}
        {% do months.update({row[0] | string: row[1]}) %}
    {% endfor %}
    {{ return(months) }}
{% endmacro %}

{% macro remember_partitions(months) %}
    {% do run_query(remembering_sql(months)) %}
{% endmacro %}

{% macro remembering_sql(months) -%}
    insert overwrite table {{ partition_state_relation() }} partition (relation_name = '{{ partition_owner(this) }}')
    {% if months -%}
    values
        {%- for month, signature in months.items() %}
        (date '{{ month }}', '{{ signature }}'){{ ',' if not loop.last }}
        {%- endfor %}
    {%- else -%}
    select cast(null as date), cast(null as string) where false
    {%- endif %}
{%- endmacro %}
