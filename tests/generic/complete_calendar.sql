{#- Fails with every day between the two dates, both included, that the calendar lacks, and with every
    day of the calendar outside of them. -#}
{% test complete_calendar(model, first, last) %}

with wanted as (

    {{ date_series("'" ~ first ~ "'", "'" ~ last ~ "'") }}

),

days as (

    select calendar_date
    from {{ model }}
    where calendar_date is not null

)

select
    wanted.series_date,
    days.calendar_date
from wanted
full outer join days
    on wanted.series_date = days.calendar_date
where wanted.series_date is null or days.calendar_date is null

{% endtest %}
