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
    {% set detached = relation.schema ~ '_detached' %}
    {% set keys = foreign_keys_on(relation) %}
    {% set referred = keys | map(attribute='to') | unique | list %}
    {% do run_query('create schema if not exists ' ~ adapter.quote(detached) ~ '; commit') %}
    {% for month, child in children_by_month(relation).items() | sort if month < day[:8] ~ '01' %}
        {% set name = relation.identifier ~ '_' ~ month[:4] ~ '_' ~ month[5:7] %}
        {% if run_query("select to_regclass('" ~ adapter.quote(detached) ~ '.' ~ adapter.quote(name) ~ "')").rows[0][0] %}
            {{ exceptions.raise_compiler_error(
                detached ~ '.' ~ name ~ ' is there already: drop it, or move it elsewhere, and try again'
            ) }}
        {% endif %}
        {% set change %}
        {% call patiently(referred + [relation, child]) %}
            alter table {{ relation }} detach partition {{ child }};
            {%- for key in keys %}
            alter table {{ child }} drop constraint {{ adapter.quote(key['name']) }};
            {%- endfor %}
            alter table {{ child }} rename to {{ adapter.quote(name) }};
            alter table {{ adapter.quote(child.schema) }}.{{ adapter.quote(name) }} set schema {{ adapter.quote(detached) }};
        {% endcall %};
        commit
        {% endset %}
        {% do run_query(change) %}
        {% do log(relation.identifier ~ ': took out ' ~ month[:7], info=true) %}
    {% endfor %}
{% endmacro %}
