{#
  The rows of a table that is read by a cursor, each key once: windows overlap by the lag, and a row
  that was changed is delivered again. For each key the rows of the latest extraction count, whose
  number stands in the file's name; the order in which files were landed does not matter.

  A key that is delivered twice by one extraction stays twice, so that a unique test sees it.

  relation  the table, with its audit columns; key must not be null
  key       list of the columns that identify a row
  keys      list of the keys that exist, if the contract asks for it with `deletes`: a row is left
            out if its key is not in a list that was read with the row or after it
#}
{% macro latest_rows(relation, key, keys=none) -%}
    {{ return(adapter.dispatch('latest_rows', 'contrail')(relation, key, keys)) }}
{%- endmacro %}

{% macro default__latest_rows(relation, key, keys) -%}
    select delivered.*
    from {{ relation }} as delivered
    inner join (
        select
            {{ key | join(', ') }},
            max({{ extraction_number('_source_file') }}) as latest_extraction
        from {{ relation }}
        group by {{ key | join(', ') }}
    ) as latest
        on {{ extraction_number('delivered._source_file') }} = latest.latest_extraction
    {%- for column in key %}
            and delivered.{{ column }} = latest.{{ column }}
    {%- endfor %}
    {%- if keys is not none %}
    where
        latest.latest_extraction > (
            select coalesce(max({{ extraction_number('_source_file') }}), '') from {{ keys }}
        )
        or exists (
            select 1
            from {{ keys }} as listed
            where
    {%- for column in key %}
                {{ 'and ' if not loop.first }}listed.{{ column }} = delivered.{{ column }}
    {%- endfor %}
        )
    {%- endif %}
{%- endmacro %}

{# The number of the extraction, as text of constant length, out of the name of its file. #}
{% macro extraction_number(column) -%}
    {{ return(adapter.dispatch('extraction_number', 'contrail')(column)) }}
{%- endmacro %}

{% macro default__extraction_number(column) -%}
    split_part(split_part({{ column }}, '@', 2), '.', 1)
{%- endmacro %}
