{#- Fails with every day on which a column has more or fewer different values than on the same weekday
    before; a day without rows has none. More arguments: macros/anomalies/unusual_days.sql. -#}
{% test distinct_count_is_usual(model, column_name, day, monitor=none) %}

{{ unusual_days(
    model, day, 'count(distinct ' ~ column_name ~ ')', monitor or 'distinct count of ' ~ column_name,
    filled='coalesce(spine.measured, 0)', **kwargs
) }}

{% endtest %}
