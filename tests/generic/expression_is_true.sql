{#- Fails with every row for which the expression is false, or unknown: write `x is null or ...` to
    allow nulls. Under a column or under the model: the expression says all. -#}
{% test expression_is_true(model, expression, column_name=none) %}

select *
from {{ model }}
where not coalesce({{ expression }}, false)

{% endtest %}
