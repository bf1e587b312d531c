{#
  Views on PostgreSQL are replaced in place as long as their columns stay the same, and left alone
  when nothing about them has changed. dbt's own way drops the old view, and with it every view that
  people have put on top; and it locks out everybody who reads the view.
#}
{% materialization view, adapter='postgres' %}
    {% set existing = load_cached_relation(this) %}
    {% if existing is none or not existing.is_view or not has_the_columns_of(existing, sql) %}
        {{ return(dbt.materialization_view_default()) }}
    {% endif %}

    {% set target_relation = this.incorporate(type='view') %}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {% if config.get('contract').enforced %}
        {{ get_assert_columns_equivalent(sql) }}
    {% endif %}
    {% call statement('main') %}
        {% if is_defined_as(existing, sql) %}
        select 'unchanged' as view_definition
        {% else %}
        {% call patiently(what=this) %}create or replace view {{ this }} as (
            {{ sql }}
        );{% endcall %}
        {% endif %}
    {% endcall %}
    {% do apply_grants(target_relation, config.get('grants'), should_revoke(existing, false)) %}
    {% do persist_docs(target_relation, model) %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do adapter.commit() %}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{# Whether a view means what a query means, whatever they look like. #}
{% macro is_defined_as(relation, sql) %}
    {% set shape = as_temporary_view(sql) %}
    {% set same = run_query(
        "select pg_get_viewdef('" ~ relation ~ "'::regclass) = pg_get_viewdef('" ~ shape ~ "'::regclass)"
    ).rows[0][0] %}
    {% do run_query('drop view ' ~ shape) %}
    {{ return(same) }}
{% endmacro %}
