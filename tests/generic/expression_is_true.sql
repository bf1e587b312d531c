{#- Fails with every row for which the expression is false, or unknown: write `x is null or ...` to
    allow nulls. Under a column or under the model: the expression says all.
    allowed_share: the share of all rows that may break the rule before the test fails. -#}
{% test expression_is_true(model, expression, column_name=none, allowed_share=0) %}

with broken as (

    select *
    from {{ model }}
    where not coalesce({{ expression }}, false)

)

select *
from broken
{%- if allowed_share > 0 %}
where
    (select count(*) from broken)
    > (select count(*) from {{ model }}) * {{ allowed_share }}
{%- endif %}

{% endtest %}
