{#- Fails with one row per combination of the columns that occurs more than once. Nulls count as
    equal to each other, unlike in a unique constraint. -#}
{% test unique_combination(model, columns) %}

select
    {{ columns | join(',\n    ') }},
    count(*) as row_count
from {{ model }}
group by {{ columns | join(', ') }}
having count(*) > 1

{% endtest %}
