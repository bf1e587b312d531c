{#
  Append rows to the tables of runs, all of them or none, and forget those that are too old. The rows
  of a table are one literal of JSON, which the engine turns into values of the right types: only one
  text has to be quoted, however many and however strange the values are. What no engine takes is
  replaced in it: the character 0, and halves of surrogate pairs.

  tables: name to rows, each a mapping of column to value.
#}
{% macro append_to_ops(tables) %}
    {% set statements = [] %}
    {% for table, rows in tables.items() %}
        {% set json = modules.re.sub(
            '\\\\u0000|\\\\ud[89ab]..(?!\\\\ud[c-f])|(?<!\\\\ud[89ab]..)\\\\ud[c-f]..',
            '\\\\ufffd',
            tojson(rows, '')
        ) %}
        {% if rows and json %}
            {% set columns = ops_columns()[table] %}
            {% do statements.append(
                'insert into ' ~ ops_schema() ~ '.' ~ table ~ ' (' ~ columns.keys() | join(', ') ~ ') '
                ~ 'select ' ~ columns.keys() | join(', ') ~ ' from '
                ~ adapter.dispatch('rows_of_json', 'contrail')(json | replace("'", "''"), columns)
            ) %}
        {% endif %}
    {% endfor %}
    {% do adapter.dispatch('execute_together', 'contrail')(statements + forget_runs_sql()) %}
{% endmacro %}

{# A value that has not the type of its column becomes null. #}
{% macro duckdb__rows_of_json(json, columns) -%}
    {%- set kinds = {} -%}
    {%- for column, kind in columns.items() -%}
        {%- do kinds.update({column: ops_type(kind)}) -%}
    {%- endfor -%}
    (select unnest(from_json('{{ json }}', '{{ tojson([kinds]) }}'), recursive := true))
{%- endmacro %}

{% macro postgres__rows_of_json(json, columns) -%}
    {%- set kinds = [] -%}
    {%- for column, kind in columns.items() -%}
        {%- do kinds.append(column ~ ' ' ~ ops_type(kind)) -%}
    {%- endfor -%}
    json_to_recordset('{{ json }}') as rows_of_json ({{ kinds | join(', ') }})
{%- endmacro %}

{% macro duckdb__execute_together(statements) %}
    {% set script = ['begin'] + statements + ['commit'] %}
    {% do adapter.execute(script | join('; '), auto_begin=false, fetch=false) %}
{% endmacro %}

{% macro postgres__execute_together(statements) %}
    {% do attempt(statements) %}
{% endmacro %}

{#
  PostgreSQL: execute statements together; say whether that succeeded. What fails leaves nothing but a
  line in the log, also when a lock is not to be had within two seconds. The tag of the block is a
  digest of what it holds, so that nothing in it can end it.
#}
{% macro attempt(statements) %}
    {% set body = statements | join(';\n') %}
    {% set tag = '$attempt_' ~ local_md5(body) ~ '$' %}
    {% set block %}
do {{ tag }}
begin
    perform set_config('contrail.failure', '', false);
    perform set_config('lock_timeout', '2s', true);
    {{ body }};
exception when query_canceled or others then
    perform set_config('contrail.failure', sqlerrm, false);
end
{{ tag }};
commit
    {% endset %}
    {% do adapter.execute(block, auto_begin=false, fetch=false) %}
    {% set failure = run_query("select current_setting('contrail.failure')").rows[0][0] %}
    {% if failure %}
        {% do log('this run is not remembered: ' ~ failure, info=true) %}
    {% endif %}
    {{ return(not failure) }}
{% endmacro %}
