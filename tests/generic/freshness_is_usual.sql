{#- Fails with every day at whose end the newest row is older, or younger, than on the same weekday
    before: the value is its age in hours, and goes on growing while nothing comes. Of deliveries
    (every: delivery) it is the number of days since the one before.
    More arguments: macros/anomalies/unusual_days.sql. -#}
{% test freshness_is_usual(model, day, every='day', monitor='freshness') %}

{%- set newest = 'max(spine.measured) over (partition by spine.series order by spine.day)' %}
{%- set midnight = 'cast(' ~ date_add('day', 1, 'spine.day') ~ ' as timestamp)' %}
{%- set before = 'lag(spine.day) over (partition by spine.series order by spine.day)' %}

{{ unusual_days(
    model, day, dbt.date_trunc('minute', 'max(' ~ day ~ ')'), monitor,
    filled=minutes_between(newest, midnight) ~ ' / 60.0' if every == 'day'
        else dbt.datediff(before, 'spine.day', 'day'),
    every=every, trend=none, **kwargs
) }}

{% endtest %}
