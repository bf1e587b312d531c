{#
  Take the months before a day out of a table; their rows stay in <schema>_detached as plain tables,
  to be dumped, moved or dropped.

      dbt run-operation detach_months_before --target postgres \
          --args '{model_name: fct_flights, day: "2015-01-01"}'

  The landing zone still has the deliveries, so a full refresh brings the months back, and so does a
  correction of one of them: undo or stop delivering what is to stay away.
#}
{% macro detach_months_before(model_name, day) %}
    {% set model = graph['nodes'].values() | selectattr('name', 'equalto', model_name) | first %}
    {% set relation = load_relation(api.Relation.create(
        database=model['database'], schema=model['schema'], identifier=model['alias'], type='table'
    )) %}
    {% set detached = adapter.quote(relation.schema ~ '_detached') %}
    {% set referred = foreign_keys_on(relation) %}
    {% do run_query('create schema if not exists ' ~ detached) %}
    {% for month, child in children_by_month(relation).items() | sort if month < day[:8] ~ '01' %}
        {% set change %}
        {% call patiently(referred | map(attribute='to') | unique | list + [relation, child]) %}
            alter table {{ relation }} detach partition {{ child }};
            {%- for key in referred %}
            alter table {{ child }} drop constraint {{ adapter.quote(key['name']) }};
            {%- endfor %}
            alter table {{ child }} set schema {{ detached }};
            alter table {{ detached }}.{{ adapter.quote(child.identifier) }}
            rename to {{ adapter.quote(relation.identifier ~ '_' ~ month[:4] ~ '_' ~ month[5:7]) }};
        {% endcall %}
        {% endset %}
        {% do run_query(change) %}
        {% do log(relation.identifier ~ ': took out ' ~ month[:7], info=true) %}
    {% endfor %}
    {% do adapter.commit_if_has_connection() %}
{% endmacro %}
