{#
  Whether there are two tables to remember runs in, and they can be written. They are made where they
  are missing, and widened where they come from an older version; what else has their name is set
  aside and kept. On-run-start, for the models that read them, and again before each record.
#}
{% macro prepare_ops_tables() %}
    {{ return(adapter.dispatch('prepare_ops_tables', 'contrail')()) }}
{% endmacro %}

{% macro default__prepare_ops_tables() %}
    {% do log('runs are not remembered on ' ~ target.type, info=true) %}
    {{ return(false) }}
{% endmacro %}

{# DuckDB and Jinja catch no error, so whatever could raise one is looked at before. #}
{% macro duckdb__prepare_ops_tables() %}
    {% if run_query(
        'select readonly from duckdb_databases() where database_name = current_database()'
    ).rows[0][0] %}
        {{ return(false) }}
    {% endif %}
    {% for change in ops_changes() %}
        {% do adapter.execute(change, auto_begin=false, fetch=false) %}
    {% endfor %}
    {{ return(true) }}
{% endmacro %}

{% macro postgres__prepare_ops_tables() %}
    {% set changes = ops_changes() %}
    {{ return(attempt(changes) if changes else true) }}
{% endmacro %}

{# on-run-start: the models below models/ops read the tables. #}
{% macro create_ops_tables() %}
    {% if execute and flags.WHICH in ('run', 'build', 'retry', 'test') %}
        {% do prepare_ops_tables() %}
    {% endif %}
{% endmacro %}

{# The statements that bring the tables into shape; none if they are as they should be. #}
{% macro ops_changes() %}
    {% set found = ops_shape(ops_schema(), ops_columns().keys()) %}
    {% set changes = [] %}
    {% for table, columns in ops_columns().items() %}
        {% set relation = ops_schema() ~ '.' ~ table %}
        {% set present = found.get(table) %}
        {% if present and is_foreign(present, columns) %}
            {% set aside = relation ~ run_started_at.strftime('_until_%Y%m%d_%H%M%S') %}
            {% do log(relation ~ ' is not what this project makes; it is kept as ' ~ aside, info=true) %}
            {% do changes.extend(set_aside(relation, aside, present['is_view'])) %}
            {% set present = none %}
        {% endif %}
        {% set missing = [] %}
        {% for column, kind in columns.items() if not present or column not in present['columns'] %}
            {% do missing.append(column ~ ' ' ~ ops_type(kind)) %}
        {% endfor %}
        {% if not present %}
            {% do changes.append('create schema if not exists ' ~ ops_schema()) %}
            {% do changes.append('create table ' ~ relation ~ ' (' ~ missing | join(', ') ~ ')') %}
        {% else %}
            {% for column in missing %}
                {% do changes.append('alter table ' ~ relation ~ ' add column ' ~ column) %}
            {% endfor %}
        {% endif %}
    {% endfor %}
    {{ return(changes) }}
{% endmacro %}

{# Whether rows of ours might not go in: a view, another type, a constraint or an index. #}
{% macro is_foreign(present, columns) %}
    {% set others = [] %}
    {% for column, kind in columns.items() if present['columns'].get(column, kind) != kind %}
        {% do others.append(column) %}
    {% endfor %}
    {{ return(present['is_view'] or present['is_constrained'] or others | length > 0) }}
{% endmacro %}

{# Statements that give a relation another name, whatever depends on it. #}
{% macro set_aside(relation, aside, is_view) %}
    {{ return(adapter.dispatch('set_aside', 'contrail')(relation, aside, is_view)) }}
{% endmacro %}

{% macro default__set_aside(relation, aside, is_view) %}
    {{ return([
        'alter ' ~ ('view ' if is_view else 'table ') ~ relation ~ ' rename to ' ~ aside.split('.')[-1]
    ]) }}
{% endmacro %}

{# A table with an index cannot be renamed. #}
{% macro duckdb__set_aside(relation, aside, is_view) %}
    {% if is_view %}
        {{ return(default__set_aside(relation, aside, is_view)) }}
    {% endif %}
    {{ return(['create table ' ~ aside ~ ' as select * from ' ~ relation, 'drop table ' ~ relation]) }}
{% endmacro %}
