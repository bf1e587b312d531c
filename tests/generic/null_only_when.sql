{#- Fails with every column that is null in rows where no reason of its null_means holds, with the
    condition and the number of these rows. A column without null_means is never null.
    special_members: the key of a dimension; its unknown and not applicable members, below 0, are
    null by their nature. -#}
{% test null_only_when(model, special_members=none) %}

{%- set rules = null_rules(model) if execute else {} %}

with counts as (

    select
        count(*) as all_rows
        {%- for column, condition in rules.items() if condition != 'true' %},
        sum(case when {{ column }} is null
            {%- if condition != 'false' %} and not coalesce({{ condition }}, false){% endif %}
            then 1 else 0 end) as nulls_{{ loop.index }}
        {%- endfor %}
    from {{ model }}
    {%- if special_members %}
    where {{ special_members }} >= 0
    {%- endif %}

),

unexplained as (

    select
        '' as column_name,
        '' as null_only_when,
        0 as row_count
    from counts
    where false
    {%- for column, condition in rules.items() if condition != 'true' %}
    union all
    select
        '{{ column }}',
        '{{ dbt.escape_single_quotes(condition) }}',
        nulls_{{ loop.index }}
    from counts
    where nulls_{{ loop.index }} > 0
    {%- endfor %}

)

select * from unexplained

{% endtest %}
