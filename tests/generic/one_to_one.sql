{#- Fails with every value of one of the two columns that occurs with more than one of the other. -#}
{% test one_to_one(model, columns) %}

with pairs as (

    select
        {{ columns[0] }} as first_value,
        {{ columns[1] }} as second_value
    from {{ model }}
    group by {{ columns[0] }}, {{ columns[1] }}

),

counted as (

    select
        *,
        count(*) over (partition by first_value) as seconds,
        count(*) over (partition by second_value) as firsts
    from pairs

)

select *
from counted
where seconds > 1 or firsts > 1

{% endtest %}
