{#
  CTEs from `days` to `scored_days`: every day with what was expected and how far it is away, counted in
  robust standard deviations (1.4826 times the median absolute deviation).

  A day is compared with the same weekday of the weeks before, a delivery with the deliveries before:
  never with itself. Holidays and incidents train nobody.

  A second opinion is the same comparison of the ratio to the median of the last days. Both must be
  unusual in one direction, and the smaller score counts. Where the level has moved since the training
  (a growing shop), the ratio alone says how much.

  lookback       how many weeks, or deliveries, train a day
  least          with fewer of them a day has no score
  least_rows     nor if they had fewer rows than this, by their median
  step           days from one of them to the next (1: deliveries)
  recent         how many days, or deliveries, make the level; at least as many as `least` must be left
                 of them without holidays and incidents, or there is no second opinion
  trend          share by which the level must have moved for a series to count as trending; none: never
  floor          the deviation is never taken for less than this, in units of the value
  share_floor    nor for less than this share of what is expected
  holiday_floor  the same on holidays, which are not like other days
#}
{% macro scored_days(
    lookback, least, least_rows, step, recent, trend, floor, share_floor, holiday_floor
) -%}
{%- set share = 'case when is_holiday then ' ~ holiday_floor ~ ' else ' ~ share_floor ~ ' end' -%}
steps as (

    {{ number_series([lookback, recent] | max) }}

),

levels as (

    select
        days.series,
        days.place + steps.number as place,
        {{ median('days.value') }} as recent_level
    from days
    inner join steps
        on steps.number between 1 and {{ recent }}
    where not days.is_holiday and not days.is_incident
    group by days.series, days.place + steps.number
    having count(days.value) >= {{ [least, recent] | min }}

),

ratios as (

    select
        days.*,
        levels.recent_level,
        days.value / nullif(levels.recent_level, 0) as ratio
    from days
    left join levels
        on
            days.series = levels.series
            and days.place = levels.place

),

training as (

    select
        ratios.series,
        ratios.place + {{ step }} * steps.number as place,
        ratios.row_count,
        ratios.value,
        ratios.ratio,
        ratios.recent_level
    from ratios
    inner join steps
        on steps.number between 1 and {{ lookback }}
    where not ratios.is_holiday and not ratios.is_incident and ratios.value is not null

),

usual as (

    select
        series,
        place,
        count(*) as trained_by,
        {{ median('value') }} as usual_value,
        {{ median('ratio') }} as usual_ratio,
        {{ median('recent_level') }} as usual_level
    from training
    group by series, place
    having count(*) >= {{ least }} and {{ median('row_count') }} >= {{ least_rows }}

),

spread as (

    select
        training.series,
        training.place,
        1.4826 * {{ median('abs(training.value - usual.usual_value)') }} as value_spread,
        1.4826 * {{ median('abs(training.ratio - usual.usual_ratio)') }} as ratio_spread
    from training
    inner join usual
        on
            training.series = usual.series
            and training.place = usual.place
    group by training.series, training.place

),

compared as (

    select
        ratios.*,
        usual.trained_by,
        usual.usual_value,
        usual.usual_ratio,
        {% if trend is none -%}
        false
        {%- else -%}
        coalesce(
            abs(ratios.recent_level - usual.usual_level) > {{ trend }} * abs(usual.usual_level),
            false
        )
        {%- endif %} as is_trending,
        (ratios.value - usual.usual_value) / greatest(
            spread.value_spread, abs(usual.usual_value) * {{ share }}, {{ floor }}
        ) as value_score,
        (ratios.ratio - usual.usual_ratio) / greatest(
            spread.ratio_spread,
            abs(usual.usual_ratio) * {{ share }},
            {{ floor }} / nullif(abs(ratios.recent_level), 0)
        ) as ratio_score
    from ratios
    left join usual
        on
            ratios.series = usual.series
            and ratios.place = usual.place
    left join spread
        on
            ratios.series = spread.series
            and ratios.place = spread.place

),

scored_days as (

    select
        series,
        day,
        value,
        case
            when is_trending and ratio_score is not null then usual_ratio * recent_level
            else usual_value
        end as expected,
        case
            when is_incident then null
            when ratio_score is null then value_score
            when value_score * ratio_score <= 0 then 0
            when is_trending or abs(ratio_score) < abs(value_score) then ratio_score
            else value_score
        end as score,
        trained_by,
        is_holiday,
        is_incident,
        is_trending,
        value_score,
        ratio_score
    from compared

)
{%- endmacro %}

{# The median of the values that are not null. #}
{% macro median(expression) -%}
    percentile_cont(0.5) within group (order by {{ expression }})
{%- endmacro %}
