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

{#
  A text that identifies a landed delivery. The same bytes may be landed again after they were
  taken back: the batch is then the same and the commit another, and the commit's number decides
  which of two deliveries is preferred.
#}
{% macro delivery_id(batch_id, seq) -%}
    {{ batch_id }} || '@' || cast({{ seq }} as {{ dbt.type_string() }})
{%- endmacro %}
