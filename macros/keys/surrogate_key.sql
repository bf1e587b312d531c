{#
  The surrogate key of a member or a fact: an integer that is a function of its natural key
  alone, so that any table can be dropped and rebuilt with the same keys (docs/adr/0001).
  Parts are joined with '|', which no airline, airport or registration code contains.
#}
{% macro surrogate_key(parts) -%}
    {%- set texts = [] -%}
    {%- for part in parts -%}
        {%- do texts.append("coalesce(cast(" ~ part ~ " as " ~ dbt.type_string() ~ "), '')") -%}
    {%- endfor -%}
    {{ int_hash(texts | join(" || '|' || ")) }}
{%- endmacro %}
