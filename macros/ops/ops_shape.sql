{#
  What there is of some relations: name to is_view, is_constrained and columns, whose types are those
  of ops_columns() or the engine's own words. Names that are not there are left out.
#}
{% macro ops_shape(schema, names) %}
    {{ return(adapter.dispatch('ops_shape', 'contrail')(schema, names)) }}
{% endmacro %}

{% macro default__ops_shape(schema, names) %}
    {% set query %}
        select
            c.table_name, c.column_name, lower(c.data_type), t.table_type = 'VIEW',
            {{ adapter.dispatch('is_constrained', 'contrail')() }}
        from information_schema.columns as c
        inner join information_schema.tables as t
            on c.table_catalog = t.table_catalog
            and c.table_schema = t.table_schema
            and c.table_name = t.table_name
        where
            c.table_catalog = current_database()
            and c.table_schema = '{{ schema }}'
            and c.table_name in ('{{ names | join("', '") }}')
    {% endset %}
    {% set kinds = {
        'character varying': 'text',
        'varchar': 'text',
        'double precision': 'double',
        'timestamp without time zone': 'timestamp',
    } %}
    {% set found = {} %}
    {% for table, column, kind, is_view, is_constrained in run_query(query).rows %}
        {% do found.setdefault(table, {
            'columns': {}, 'is_view': is_view, 'is_constrained': is_constrained
        })['columns'].update({column: kinds.get(kind, kind)}) %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}

{# PostgreSQL is asked by trying, see attempt(). #}
{% macro default__is_constrained() -%}
    false
{%- endmacro %}

{% macro duckdb__is_constrained() -%}
    exists (
        select 1 from duckdb_constraints() as k
        where k.schema_name = c.table_schema and k.table_name = c.table_name
    )
    or exists (
        select 1 from duckdb_indexes() as k
        where k.schema_name = c.table_schema and k.table_name = c.table_name
    )
{%- endmacro %}
