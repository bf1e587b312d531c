{# The n-th of a list of names for an expression that counts from 1. #}
{% macro name_of(expression, names) -%}
    case {{ expression }}
    {%- for name in names %}
        when {{ loop.index }} then '{{ name }}'
    {%- endfor %}
    end
{%- endmacro %}
