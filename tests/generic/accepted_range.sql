{#- Fails with every row whose value lies outside the bounds, which belong to the range. Null passes:
    that is what not_null is for. -#}
{% test accepted_range(model, column_name, min_value=none, max_value=none) %}

{% if min_value is none and max_value is none %}
    {{ exceptions.raise_compiler_error("accepted_range needs min_value, max_value or both") }}
{% endif %}

select *
from {{ model }}
where
    false
    {% if min_value is not none %}or {{ column_name }} < {{ min_value }}{% endif %}
    {% if max_value is not none %}or {{ column_name }} > {{ max_value }}{% endif %}

{% endtest %}
