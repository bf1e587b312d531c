{#- Fails with one row for each special member (-1 unknown, -2 not applicable) that is missing or has
    another status than its key says. -#}
{% test special_members(model, key, status) %}

with wanted as (

    select {{ unknown_key() }} as member_key, 'unknown' as member_status
    union all
    select {{ not_applicable_key() }} as member_key, 'not_applicable' as member_status

),

members as (

    select * from {{ model }}

)

select wanted.*
from wanted
left join members
    on
        wanted.member_key = members.{{ key }}
        and wanted.member_status = members.{{ status }}
where members.{{ key }} is null

{% endtest %}
