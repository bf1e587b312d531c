{#- Fails with every day on which the share of nulls in a column, 0 to 1, is not like that of the same
    weekday before; half a percent more or less does not count.
    More arguments: macros/anomalies/unusual_days.sql. -#}
{% test null_rate_is_usual(model, column_name, day, floor=0.005, monitor=none) %}

{{ unusual_days(
    model, day, 'avg(case when ' ~ column_name ~ ' is null then 1.0 else 0.0 end)',
    monitor or 'null rate of ' ~ column_name, floor=floor, **kwargs
) }}

{% endtest %}
