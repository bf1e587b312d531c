{#- Fails with the rows in which scheduled clock time plus delay is not the actual clock time, days
    left aside. This is what allows later models to build every moment as schedule plus delay.
    allowed_share: the share of the rows with a delay that may disagree before the test fails. -#}
{% test delay_matches_clock(model, scheduled, actual, delay, allowed_share=0) %}

with checked as (

    select
        *,
        {{ within_day(
            hhmm_to_minutes(actual) ~ ' - ' ~ hhmm_to_minutes(scheduled) ~ ' - ' ~ delay
        ) }} as minutes_off
    from {{ model }}
    where {{ actual }} is not null and {{ delay }} is not null

),

counts as (

    select
        count(*) as all_rows,
        sum(case when minutes_off <> 0 then 1 else 0 end) as disagreeing_rows
    from checked

)

select checked.*
from checked
cross join counts
where
    checked.minutes_off <> 0
    and counts.disagreeing_rows > counts.all_rows * {{ allowed_share }}

{% endtest %}
