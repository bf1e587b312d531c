{#- Fails with every year that has another number of federal holidays than the law gives it (ten,
    eleven since 2021), or one of them twice. -#}
{% test holidays_per_year(model, column_name) %}

select
    calendar_year,
    count({{ column_name }}) as holidays,
    count(distinct {{ column_name }}) as names
from {{ model }}
where calendar_year is not null
group by calendar_year
having
    count({{ column_name }}) <> case when calendar_year >= 2021 then 11 else 10 end
    or count(distinct {{ column_name }}) <> count({{ column_name }})

{% endtest %}
