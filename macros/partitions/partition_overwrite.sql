{#
  Incremental strategy: the months of the plan are replaced as wholes, in one transaction.
  Rows that are no longer delivered vanish with their month; no other month is touched.
#}
{% macro get_incremental_partition_overwrite_sql(arguments) %}
    {{ return(adapter.dispatch('partition_overwrite', 'contrail')(arguments)) }}
{% endmacro %}

{#
  Range delete and ordered insert: as fast as anything on DuckDB, whose row groups are then
  pruned by date; primary keys and indexes would only slow it down (docs/adr/0003).
#}
{% macro default__partition_overwrite(arguments) %}
    {% set plan = partition_plan(model['compiled_code']) %}
    {% set field = config.get('meta')['partition']['field'] %}
    {% set columns = get_quoted_csv(arguments['dest_columns'] | map(attribute='name')) %}
    {% if plan['months'] %}
        delete from {{ arguments['target_relation'] }}
        where {{ month_ranges(field, plan['months'].keys()) }};

        insert into {{ arguments['target_relation'] }} ({{ columns }})
        select {{ columns }}
        from {{ arguments['temp_relation'] }}
        order by {{ field }}
    {% else %}
        select 1 as nothing_to_do
    {% endif %}
{% endmacro %}
