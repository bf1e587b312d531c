{#- Fails with every version whose columns are all those of the version before it. Nulls count as equal
    to each other. -#}
{% test versions_differ(model, code, columns) %}

with neighbours as (

    select
        *,
        {%- for column in columns %}
        lag({{ column }}) over (partition by {{ code }} order by valid_from)
            as previous_{{ column }},
        {%- endfor %}
        lag(valid_from) over (partition by {{ code }} order by valid_from) as previous_valid_from
    from {{ model }}

)

select *
from neighbours
where
    previous_valid_from is not null
    {%- for column in columns %}
    and (
        {{ column }} = previous_{{ column }}
        or ({{ column }} is null and previous_{{ column }} is null)
    )
    {%- endfor %}

{% endtest %}
