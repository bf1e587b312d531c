{# A flag written as the number 1 or 0 as a boolean; null stays null. #}
{% macro true_if_one(number_expression) -%}
    case {{ number_expression }} when 1 then true when 0 then false end
{%- endmacro %}
