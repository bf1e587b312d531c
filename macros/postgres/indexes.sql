{#
  Indexes of a model, declared in its config and kept in step by every normal build: what is new or
  changed is made, what is gone is dropped.

      meta={'indexed': [{'columns': ['flight_key', 'flight_date'], 'unique': true},
                        {'columns': ['flight_date'], 'type': 'brin'}]}

  Names are made from what they mean (<model>__<digest>), so that a comparison of names is enough.
  DuckDB and Spark have none (docs/adr/0003).
#}
{% macro wanted_indexes() -%}
    {{ return((config.get('meta') or {}).get('indexed', [])) }}
{%- endmacro %}

{% macro index_name(table_name, index) -%}
    {% set meaning = index.get('type', 'btree') ~ index.get('unique', false) ~ index['columns'] | join(',') %}
    {{ return(table_name[:40] ~ '__' ~ local_md5(meaning)[:8]) }}
{%- endmacro %}

{% macro create_index_sql(relation, index) -%}
    create {{ 'unique ' if index.get('unique') }}index if not exists
    {{ adapter.quote(index_name(relation.identifier, index)) }}
    on {{ relation }} using {{ index.get('type', 'btree') }} ({{ index['columns'] | join(', ') }})
{%- endmacro %}

{# Post-hook: bring the indexes of the model's table in step with its config. #}
{% macro sync_indexes() -%}
    {%- if execute -%}
        {{ return(adapter.dispatch('sync_indexes', 'contrail')()) }}
    {%- endif -%}
{%- endmacro %}

{% macro default__sync_indexes() -%}
{%- endmacro %}

{% macro postgres__sync_indexes() -%}
    {%- if model['config']['materialized'] in ('table', 'incremental') -%}
    {%- set wanted = {} -%}
    {%- for index in wanted_indexes() -%}
        {%- do wanted.update({index_name(this.identifier, index): index}) -%}
    {%- endfor -%}
    {%- set rows = run_query(
        "select c.relname from pg_index as i inner join pg_class as c on i.indexrelid = c.oid "
        ~ "where i.indrelid = '" ~ this ~ "'::regclass and c.relname like '%\\_\\_%'"
    ).rows -%}
    {%- set present = rows | map(attribute=0) | list -%}
    {%- for name in present if name not in wanted %}
    {% call patiently([this]) %}drop index {{ adapter.quote(this.schema) }}.{{ adapter.quote(name) }};{% endcall %};
    {%- endfor -%}
    {%- for name, index in wanted.items() if name not in present %}
    {{ create_index_sql(this, index) }};
    {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
