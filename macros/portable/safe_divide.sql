{# A quotient as a 64-bit float, null where there is nothing to divide by. #}
{% macro safe_divide(numerator, denominator) -%}
    cast({{ numerator }} as {{ type_double() }})
        / nullif(cast({{ denominator }} as {{ type_double() }}), 0)
{%- endmacro %}
