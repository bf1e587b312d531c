{#- Fails with every version that does not begin where the one before it ends: a gap, an overlap, an
    empty version, a member that does not begin at the beginning of time, or one whose last version
    is not the only current one. Half-open validity: valid_from <= day < valid_to. -#}
{% test gapless_versions(model, code) %}

with neighbours as (

    select
        *,
        lag(valid_to) over (partition by {{ code }} order by valid_from) as previous_valid_to,
        lead(valid_from) over (partition by {{ code }} order by valid_from) as next_valid_from
    from {{ model }}

)

select *
from neighbours
where
    valid_from >= valid_to
    or valid_from <> coalesce(previous_valid_to, {{ beginning_of_time() }})
    or valid_to <> coalesce(next_valid_from, {{ end_of_time() }})
    or is_current <> (next_valid_from is null)

{% endtest %}
