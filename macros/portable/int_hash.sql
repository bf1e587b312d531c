{#
  A text as a 60-bit integer: the first 15 hexadecimal digits of its md5.
  Same number on every engine (docs/adr/0001). NULL gives NULL.
#}
{% macro int_hash(text_expression) -%}
    {{ return(adapter.dispatch('int_hash', 'contrail')(text_expression)) }}
{%- endmacro %}

{% macro default__int_hash(text_expression) -%}
    cast('0x' || substr(md5({{ text_expression }}), 1, 15) as bigint)
{%- endmacro %}

{% macro postgres__int_hash(text_expression) -%}
    cast(cast('x0' || substr(md5({{ text_expression }}), 1, 15) as bit(64)) as bigint)
{%- endmacro %}

{% macro spark__int_hash(text_expression) -%}
    cast(conv(substr(md5({{ text_expression }}), 1, 15), 16, 10) as bigint)
{%- endmacro %}
