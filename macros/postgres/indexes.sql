{#
  Indexes of a model, declared in its config and kept in step by every normal build: what is new or
  changed is made, what is gone is dropped. Indexes that people have made are left alone.

      meta={'indexed': [{'columns': ['flight_key', 'flight_date'], 'unique': true},
                        {'columns': ['flight_date'], 'type': 'brin'}]}

  An index is named <model>__<digest of its meaning>_<moment>: the digest tells what it is, and the
  moment keeps the indexes of a new table apart from those of the old one that it is about to replace.
  DuckDB and Spark have none (docs/adr/0003).
#}
{% macro wanted_indexes() -%}
    {{ return((config.get('meta') or {}).get('indexed', [])) }}
{%- endmacro %}

{% macro index_digest(index) -%}
    {{ return(local_md5(
        index.get('type', 'btree') ~ index.get('unique', false) ~ index['columns'] | join(',')
    )[:8]) }}
{%- endmacro %}

{# With a name for the model's table; PostgreSQL names those of the parts, which are many. #}
{% macro create_index_sql(relation, index, name='') -%}
    create {{ 'unique ' if index.get('unique') }}index {{ name ~ ' ' if name }}on {{ relation }}
    using {{ index.get('type', 'btree') }} ({{ index['columns'] | join(', ') }})
{%- endmacro %}

{% macro create_named_index_sql(relation, index) -%}
    {% set moment = modules.datetime.datetime.now(modules.pytz.utc).strftime('%H%M%S%f')[:8] %}
    {% set name = this.identifier[:40] ~ '__' ~ index_digest(index) ~ '_' ~ moment %}
    {{ return(create_index_sql(relation, index, adapter.quote(name))) }}
{%- endmacro %}

{# dbt calls this for a table that it has just filled, before readers see it. #}
{% macro postgres__create_indexes(relation) -%}
    {% do dbt.default__create_indexes(relation) %}
    {% for index in wanted_indexes() %}
        {% do run_query(create_named_index_sql(relation, index)) %}
    {% endfor %}
    {% do run_query(analyze_sql(relation) if is_partitioned() else 'analyze ' ~ relation) %}
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
        {%- do wanted.update({index_digest(index): index}) -%}
    {%- endfor -%}
    {%- set present = {} -%}
    {%- for row in run_query(
        "select substring(c.relname from '^" ~ this.identifier[:40] ~ "__([0-9a-f]{8})(?:_[0-9]{8})?$'), "
        ~ "c.relname from pg_index as i inner join pg_class as c on i.indexrelid = c.oid "
        ~ "where i.indrelid = '" ~ this ~ "'::regclass"
    ).rows if row[0] -%}
        {%- do present.update({row[0]: row[1]}) -%}
    {%- endfor -%}
    {%- for digest, name in present.items() if digest not in wanted %}
    {% call patiently([this]) %}drop index {{ adapter.quote(this.schema) }}.{{ adapter.quote(name) }};{% endcall %};
    {%- endfor -%}
    {%- for digest, index in wanted.items() if digest not in present %}
    {{ create_named_index_sql(this, index) }};
    {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
