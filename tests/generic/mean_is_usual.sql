{#- Fails with every day on which the mean of a column is not like that of the same weekday before. A
    day without values has no mean: that is for volume_is_usual and null_rate_is_usual. Set floor to a
    difference that does not matter, in units of the column.
    More arguments: macros/anomalies/unusual_days.sql. -#}
{% test mean_is_usual(model, column_name, day, monitor=none) %}

{{ unusual_days(
    model, day, 'avg(cast(' ~ column_name ~ ' as ' ~ type_double() ~ '))',
    monitor or 'mean of ' ~ column_name, **kwargs
) }}

{% endtest %}
