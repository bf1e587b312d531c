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
    {% set columns = get_quoted_csv(adapter.get_columns_in_relation(existing) | map(attribute='name')) %}
    {% set old_rows = 'select ' ~ columns ~ ' from ' ~ this %}
    {% set new_rows = 'select ' ~ columns ~ ' from ' ~ fresh %}
    {% do run_query(dbt.postgres__create_table_as(true, fresh, sql)) %}
    {% set differs = run_query(
        "select exists (" ~ new_rows ~ " except all " ~ old_rows ~ ")"
        ~ " or exists (" ~ old_rows ~ " except all " ~ new_rows ~ ")"
    ).rows[0][0] %}
    {% if differs %}
        {% do release_vanished_keys(this, fresh) %}
    {% endif %}
    {% call statement('main') %}
        {% if differs %}
        -- One statement, at whose end the keys that others refer to are there again.
        with gone as (delete from {{ this }} returning 1)
        insert into {{ this }} ({{ columns }}) {{ new_rows }} where (select count(*) from gone) >= 0;
        -- Checked now: while checks are pending, no index can be made.
        set constraints all immediate;
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

{#
  Whether a relation has exactly the columns that a query gives, in name and type; those of a view in
  their order, too. With a contract it is the contract that says what a table has.
#}
{% macro has_the_columns_of(relation, sql) %}
    {% set by_contract = relation.is_table and config.get('contract').enforced %}
    {% set shape = as_temporary_view(get_empty_schema_sql(model['columns']) if by_contract else sql) %}
    {% set order = 'attname' if relation.is_table else 'attnum' %}
    {% set of_table = "select string_agg(attname || ' ' || format_type(atttypid, atttypmod), ',' order by "
        ~ order ~ ") from pg_attribute where attnum > 0 and not attisdropped and attrelid = " %}
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
  finds what was left pointing to nothing. All at once: with one of them taken off and another one
  still awaited, readers would wait, too.
#}
{% macro release_vanished_keys(relation, fresh) %}
    {% set facts, statements = [], [] %}
    {% for row in run_query(
        "select k.conrelid::regclass::text, k.conname, a.attname from pg_constraint as k "
        ~ "inner join pg_attribute as a on a.attrelid = k.confrelid and a.attnum = k.confkey[1] "
        ~ "where k.contype = 'f' and k.conparentid = 0 and k.confrelid = '" ~ relation ~ "'::regclass "
        ~ "and k.conname like '%\\_is\\_a\\_member' order by 1"
    ).rows if run_query(
        "select exists (select " ~ row[2] ~ " from " ~ relation
        ~ " except select " ~ row[2] ~ " from " ~ fresh ~ ")"
    ).rows[0][0] %}
        {% do facts.append(row[0]) %}
        {% do statements.append('alter table ' ~ row[0] ~ ' drop constraint ' ~ adapter.quote(row[1]) ~ ';') %}
    {% endfor %}
    {% if statements %}
        {% set release %}
        {% call patiently([relation] + facts | unique | list) %}{{ statements | join(' ') }}{% endcall %};
        commit;
        begin;
        {% endset %}
        {% do run_query(release) %}
    {% endif %}
{% endmacro %}
