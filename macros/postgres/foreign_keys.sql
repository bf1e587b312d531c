{#
  Foreign keys on PostgreSQL are the relationships tests: a test of a fact's column against a table
  of the star is a constraint there, too. They are deferred to the commit, so that a dimension can be
  refreshed in place, and added where they are missing at the end of every run.
#}

{# The foreign keys that a model ought to have: column, table and field it refers to. #}
{% macro foreign_keys_of(model_id) %}
    {% set keys = [] %}
    {% for test in graph['nodes'].values() if test.get('attached_node') == model_id
        and (test.get('test_metadata') or {}).get('name') == 'relationships'
        and test['column_name'].endswith('_key') and not test['config'].get('where') %}
        {% set name = modules.re.search("ref\\('(\\w+)'\\)", test['test_metadata']['kwargs']['to']).group(1) %}
        {% for node in graph['nodes'].values() if node['resource_type'] == 'model' and node['name'] == name %}
            {% do keys.append({
                'column': test['column_name'],
                'field': test['test_metadata']['kwargs']['field'],
                'to': api.Relation.create(
                    database=node['database'], schema=node['schema'], identifier=node['alias']
                ),
            }) %}
        {% endfor %}
    {% endfor %}
    {{ return(keys) }}
{% endmacro %}

{% macro foreign_key_name(key) -%}
    {{ return(key['column'] ~ '_is_a_member') }}
{%- endmacro %}

{% macro add_foreign_key_sql(relation, key) -%}
    alter table {{ relation }} add constraint {{ foreign_key_name(key) }}
    foreign key ({{ key['column'] }}) references {{ key['to'] }} ({{ key['field'] }})
    deferrable initially deferred
{%- endmacro %}

{# The foreign keys that a table has now, with their definitions and the tables they refer to. #}
{% macro foreign_keys_on(relation) %}
    {% set keys = [] %}
    {% for row in run_query(
        "select conname, pg_get_constraintdef(oid), confrelid::regclass::text from pg_constraint "
        ~ "where contype = 'f' and conparentid = 0 and conrelid = '" ~ relation ~ "'::regclass "
        ~ "order by 3, 1"
    ).rows %}
        {% do keys.append({'name': row[0], 'definition': row[1], 'to': row[2]}) %}
    {% endfor %}
    {{ return(keys) }}
{% endmacro %}

{# on-run-end: add the foreign keys that are missing; this checks every row. #}
{% macro sync_foreign_keys() %}
    {% if execute and flags.WHICH in ('run', 'build', 'retry') %}
        {{ return(adapter.dispatch('sync_foreign_keys', 'contrail')()) }}
    {% endif %}
{% endmacro %}

{% macro default__sync_foreign_keys() %}
{% endmacro %}

{% macro postgres__sync_foreign_keys() %}
    {% set present = [] %}
    {% for row in run_query(
        "select n.nspname || '.' || c.relname || '.' || k.conname from pg_constraint as k "
        ~ "inner join pg_class as c on k.conrelid = c.oid "
        ~ "inner join pg_namespace as n on c.relnamespace = n.oid where k.contype = 'f'"
    ).rows %}
        {% do present.append(row[0]) %}
    {% endfor %}
    {% for node in graph['nodes'].values() if node['resource_type'] == 'model' %}
        {% for key in foreign_keys_of(node['unique_id']) %}
            {% set fact = load_cached_relation(api.Relation.create(
                database=node['database'], schema=node['schema'], identifier=node['alias']
            )) %}
            {% set name = node['schema'] ~ '.' ~ node['alias'] ~ '.' ~ foreign_key_name(key) %}
            {% if fact and fact.is_table and load_cached_relation(key['to']) and name not in present %}
                {{ add_foreign_key_sql(fact, key) }};
            {% endif %}
        {% endfor %}
    {% endfor %}
{% endmacro %}
