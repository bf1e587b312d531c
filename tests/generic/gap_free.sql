{#- Fails with one row if the numbers of a column do not run from 1 to their count without gap or
    repetition. -#}
{% test gap_free(model, column) %}

with numbers as (

    select
        count(*) as row_count,
        count(distinct {{ column }}) as number_count,
        min({{ column }}) as first_number,
        max({{ column }}) as last_number
    from {{ model }}

)

select *
from numbers
where
    row_count > 0
    and (first_number <> 1 or last_number <> row_count or number_count <> row_count)

{% endtest %}
