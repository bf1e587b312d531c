{#- Fails with every month in which the relation has rows and the model of partitions none. -#}
{% test covers_months_of(model, relation, field) %}

with needed as (

    select {{ month_start(field) }} as partition_month
    from {{ relation }}
    group by {{ month_start(field) }}

),

partitions as (

    select * from {{ model }}

)

select needed.*
from needed
left join partitions
    on needed.partition_month = partitions.partition_month
where partitions.partition_month is null

{% endtest %}
