{#- Fails with every row for which the expression is false, or unknown: write `x is null or ...` to
    allow nulls. -#}
{% test expression_is_true(model, expression) %}

select *
from {{ model }}
where not coalesce({{ expression }}, false)

{% endtest %}
