{#
  Changes that dbt makes to tables while readers use them, made patiently.
#}

{# Of two tables that change places when one is made anew. #}
{% macro postgres__rename_relation(from_relation, to_relation) %}
    {% call statement('rename_relation') %}
    {% call patiently([from_relation] if from_relation.is_table else [], from_relation) -%}
    alter table {{ from_relation }} rename to {{ adapter.quote(to_relation.identifier) }};
    {%- endcall %}
    {% endcall %}
{% endmacro %}

{# Of the old one, and with it the foreign keys that other tables have to it. #}
{% macro postgres__drop_table(relation) -%}
    {% call patiently(what=relation) %}drop table if exists {{ relation }} cascade;{% endcall %}
{%- endmacro %}

{#
  on_schema_change: committed at once, so that the columns are there before the months are built, and
  nobody waits while they are.
#}
{% macro postgres__alter_relation_add_remove_columns(relation, add_columns, remove_columns) %}
    {% set changes = [] %}
    {% for column in add_columns or [] %}
        {% do changes.append('add column ' ~ column.quoted ~ ' ' ~ column.expanded_data_type) %}
    {% endfor %}
    {% for column in remove_columns or [] %}
        {% do changes.append('drop column ' ~ column.quoted) %}
    {% endfor %}
    {% set alter %}
    {% call patiently([relation]) %}alter table {{ relation }} {{ changes | join(', ') }};{% endcall %};
    commit;
    begin;
    {% endset %}
    {% do run_query(alter) %}
{% endmacro %}
