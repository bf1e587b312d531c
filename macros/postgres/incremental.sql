{#
  A full refresh of a partitioned table whose columns stay is a replacement of all its months, so that
  readers, views and foreign keys keep the table. Everything else about incremental models is dbt's.
#}
{% materialization incremental, adapter='postgres' %}
    {% set existing = load_cached_relation(this) %}
    {% if not (is_partitioned() and should_full_refresh() and is_partitioned_table(existing))
        or not has_the_columns_of(existing, sql) %}
        {{ return(dbt.materialization_incremental_default()) }}
    {% endif %}

    {% set target_relation = this.incorporate(type='table') %}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {% set fresh = make_temp_relation(this) %}
    {% do run_query(get_create_table_as_sql(true, fresh, sql)) %}
    {% call statement('main') %}
        {{ get_incremental_partition_overwrite_sql({
            'target_relation': target_relation,
            'temp_relation': fresh,
            'dest_columns': adapter.get_columns_in_relation(existing),
        }) }}
    {% endcall %}
    {% do apply_grants(target_relation, config.get('grants'), should_revoke(existing, false)) %}
    {% do persist_docs(target_relation, model) %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do adapter.commit() %}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{% macro is_partitioned_table(relation) %}
    {% if relation is none or not relation.is_table %}
        {{ return(false) }}
    {% endif %}
    {{ return(run_query(
        "select relkind = 'p' from pg_class where oid = '" ~ relation ~ "'::regclass"
    ).rows[0][0]) }}
{% endmacro %}
