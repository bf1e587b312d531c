{#
  A text that identifies a set of distinct texts, whatever their order: their number and the
  sum of their hashes. An aggregate, to be grouped.
#}
{% macro set_signature(text_expression) -%}
    cast(count({{ text_expression }}) as {{ dbt.type_string() }}) || ':'
    || cast(
        coalesce(sum(cast({{ int_hash(text_expression) }} as decimal(38, 0))), 0)
        as {{ dbt.type_string() }}
    )
{%- endmacro %}
