{#
  What each partition of each fact was built from: one row per relation and month, with the
  signature of its inputs at that time. It is the only memory of the incremental builds, and
  it may be lost at any time: then the facts are built anew.
#}
{% macro partition_state_relation() -%}
    {{ return(api.Relation.create(
        database=target.get('database'),
        schema=target.schema ~ '_ops',
        identifier='partition_state',
        type='table'
    )) }}
{%- endmacro %}

{# The same for a table that may be deferred to: it is remembered where it was built. #}
{% macro partition_state_of(relation) -%}
    {% set own = graph['nodes'].values() | selectattr('alias', 'equalto', relation.identifier) | first %}
    {% set suffix = '_' ~ own['config']['schema'] if own['config']['schema'] else '' %}
    {% set base = relation.schema[:relation.schema | length - suffix | length] %}
    {{ return(partition_state_relation().incorporate(
        path={'database': relation.database, 'schema': base ~ '_ops'}
    )) }}
{%- endmacro %}

{# on-run-start: the table stands before the first fact asks for it, and so do their schemas. #}
{% macro create_partition_state() %}
    {% if execute and flags.WHICH in ('run', 'build', 'retry', 'test') %}
        {% set state = partition_state_relation() %}
        {% do adapter.create_schema(state) %}
        {% do create_parts_schemas() %}
        {{ adapter.dispatch('partition_state_ddl', 'contrail')(state) }}
    {% endif %}
{% endmacro %}

{% macro default__partition_state_ddl(state) -%}
    create table if not exists {{ state }} (
        relation_name {{ dbt.type_string() }} not null,
        partition_month date not null,
        signature {{ dbt.type_string() }} not null
    )
{%- endmacro %}

{# The name under which a model's partitions are remembered. #}
{% macro partition_owner(relation) -%}
    {{ return(relation.schema ~ '.' ~ relation.identifier) }}
{%- endmacro %}

{#
  Post-hook of every partitioned model: remember what its partitions were built from, exactly as the
  compiled model says it. On DuckDB it runs in the transaction that changed the rows; on PostgreSQL
  every month that was swapped in has been noted with it, and this says the same again.
#}
{% macro record_partitions() %}
    {% if execute and config.get('incremental_strategy') == 'partition_overwrite' %}
        {{ return(adapter.dispatch('record_partitions', 'contrail')(partition_plan(model['compiled_code']))) }}
    {% endif %}
{% endmacro %}

{% macro default__record_partitions(plan) %}
    {% if plan['complete'] %}
        delete from {{ partition_state_relation() }}
        where relation_name = '{{ partition_owner(this) }}';
    {% endif %}
    {{ record_months(plan['months']) }}
{% endmacro %}

{# Note the signatures of months: {first day of the month: signature, none if it is gone}. #}
{% macro record_months(months) %}
    {% set owner = partition_owner(this) %}
    {% set kept = [] %}
    {% for month, signature in months.items() if signature is not none %}
        {% do kept.append("('" ~ owner ~ "', cast('" ~ month ~ "' as date), '" ~ signature ~ "')") %}
    {% endfor %}
    {% if months %}
        delete from {{ partition_state_relation() }}
        where
            relation_name = '{{ owner }}'
            and partition_month in ({{ date_list(months.keys()) }})
    {% endif %}
    {% if kept %}
        ;
        insert into {{ partition_state_relation() }} values
        {{ kept | join(',\n') }}
    {% endif %}
{% endmacro %}
