{#- Fails with every day whose number of rows is not like that of the same weekday before; a day
    without rows has none. More arguments: macros/anomalies/unusual_days.sql. -#}
{% test volume_is_usual(model, day, monitor='volume') %}

{{ unusual_days(
    model, day, 'count(*)', monitor, filled='coalesce(spine.measured, 0)', **kwargs
) }}

{% endtest %}
