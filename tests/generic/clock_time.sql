{#- Fails with every row whose value is no clock time hours * 100 + minutes: below the minimum, above
    2400, or with more than 59 minutes. Null passes. Times that can be 2400 are midnight at the end of
    the day; give maximum: 2359 for those that cannot. -#}
{% test clock_time(model, column_name, minimum=0, maximum=2400) %}

select *
from {{ model }}
where
    {{ column_name }} < {{ minimum }}
    or {{ column_name }} > {{ maximum }}
    or mod({{ column_name }}, 100) > 59

{% endtest %}
