{#- Fails with every row in which one of the decimal columns holds a fraction. Null passes. -#}
{% test whole_numbers(model, columns) %}

select *
from {{ model }}
where
    {%- for column in columns %}
    {{ 'or ' if not loop.first }}{{ column }} <> cast({{ column }} as bigint)
    {%- endfor %}

{% endtest %}
