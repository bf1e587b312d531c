{#
  What null means in a relation: for each column the condition under which it may be null, or `false` where
  it may not. It stands with the column, as `config.meta.null_means`: reasons and their conditions.

  unknown          there is a value, and the source does not say it
  not_applicable   there is none: a cancelled flight has no arrival
  not_yet          there will be one with a later delivery

  The condition `any` is a reason that no other column shows.
#}
{% macro null_rules(relation) -%}
    {%- set rules = {} -%}
    {%- set nodes = graph.nodes.values() | list + graph.sources.values() | list -%}
    {%- for node in nodes
        if node.schema == relation.schema
        and (node.alias or node.identifier) == relation.identifier -%}
        {%- for name, column in node.columns.items() -%}
            {%- set means = column.config.get('meta', {}).get('null_means', {}) -%}
            {%- for reason in means if reason not in null_reasons() -%}
                {{ exceptions.raise_compiler_error(
                    relation.identifier ~ '.' ~ name ~ ': null_means cannot be ' ~ reason
                    ~ '; it is one of ' ~ null_reasons() | join(', ')
                ) }}
            {%- endfor -%}
            {%- if 'any' in means.values() -%}
                {%- do rules.update({name: 'true'}) -%}
            {%- else -%}
                {%- do rules.update({name: means.values() | join(' or ') or 'false'}) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(rules) }}
{%- endmacro %}

{% macro null_reasons() -%}
    {{ return(['unknown', 'not_applicable', 'not_yet']) }}
{%- endmacro %}
