{#
  Tables on PostgreSQL are refreshed in place. dbt's own way, a new table that takes the old one's
  name, drops with the old one every view that stands on it and every foreign key that points to it.
  Here the rows are replaced in one transaction, and only if they differ; readers see the old ones
  until it commits, a full refresh included. A table that is new, or whose columns have changed, is made
  dbt's way.
#}
{% materialization table, adapter='postgres' %}
    {% set existing = load_cached_relation(this) %}
    {% set target_relation = this.incorporate(type='table') %}
    {% if existing is none or not existing.is_table or not has_the_columns_of(existing, sql) %}
        {{ return(dbt.materialization_table_default()) }}
    {% endif %}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {% set fresh = make_temp_relation(this) %}
    {% do run_query(dbt.postgres__create_table_as(true, fresh, sql)) %}
    {% set differs = run_query(
        "select exists (table " ~ fresh ~ " except all table " ~ this ~ ")"
        ~ " or exists (table " ~ this ~ " except all table " ~ fresh ~ ")"
    ).rows[0][0] %}
    {% if differs %}
        {% do release_vanished_keys(this, fresh) %}
    {% endif %}
    {% call statement('main') %}
        {% if differs %}
        delete from {{ this }};
        insert into {{ this }} table {{ fresh }};
        analyze {{ this }};
        {% endif %}
        select {{ "'replaced'" if differs else "'unchanged'" }} as table_rows
    {% endcall %}
    {% do run_query('drop table ' ~ fresh) %}
    {% do apply_grants(target_relation, config.get('grants'), should_revoke(existing, false)) %}
    {% do persist_docs(target_relation, model) %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do adapter.commit() %}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{# Whether a table has exactly the columns, in name, type and order, that a query gives. #}
{% macro has_the_columns_of(relation, sql) %}
    {% set shape = as_temporary_view(sql) %}
    {% set of_table = "select string_agg(attname || ' ' || format_type(atttypid, atttypmod), ',' order by attnum)"
        ~ " from pg_attribute where attnum > 0 and not attisdropped and attrelid = " %}
    {% set same = run_query(
        "select (" ~ of_table ~ "'" ~ relation ~ "'::regclass) = (" ~ of_table ~ "'" ~ shape ~ "'::regclass)"
    ).rows[0][0] %}
    {% do run_query('drop view ' ~ shape) %}
    {{ return(same) }}
{% endmacro %}

{# The model's query as a view that only this session sees, to compare things with. #}
{% macro as_temporary_view(sql) %}
    {% set name = adapter.quote(this.identifier ~ '__shape') %}
    {% do run_query('create temporary view ' ~ name ~ ' as (' ~ sql ~ ')') %}
    {{ return('pg_temp.' ~ name) }}
{% endmacro %}

{#
  Where a key is about to vanish, facts may still point to it until their months are built later in
  the run: take the foreign keys to this table off; sync_foreign_keys() puts them back at its end and
  finds what was left pointing to nothing.
#}
{% macro release_vanished_keys(relation, fresh) %}
    {% for row in run_query(
        "select k.conrelid::regclass::text, k.conname, a.attname from pg_constraint as k "
        ~ "inner join pg_attribute as a on a.attrelid = k.confrelid and a.attnum = k.confkey[1] "
        ~ "where k.contype = 'f' and k.conparentid = 0 and k.confrelid = '" ~ relation ~ "'::regclass"
    ).rows %}
        {% set vanished = run_query(
            "select exists (select " ~ row[2] ~ " from " ~ relation
            ~ " except select " ~ row[2] ~ " from " ~ fresh ~ ")"
        ).rows[0][0] %}
        {% if vanished %}
            {% set release %}
            {% call patiently([relation, row[0]]) %}
            alter table {{ row[0] }} drop constraint {{ adapter.quote(row[1]) }};
            {% endcall %}
            {% endset %}
            {% do run_query(release) %}
        {% endif %}
    {% endfor %}
{% endmacro %}
