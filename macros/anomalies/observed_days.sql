{#
  CTEs up to `days`: one row per series and day with the measured value, whether the day is special, and
  its place on the time axis in whole steps.

  relation   what is measured, rows of any grain
  day        the date, or timestamp, that a row belongs to
  measure    aggregate over the rows of a day
  filled     the value of a day on the spine, from `measured`, which is null where there are no rows
  by         expression that tells series apart; none: all rows are one series
  months     true: a series has all days of the months in which it has rows, as monthly deliveries have;
             else all days from its first to the last of the whole relation
  every      'day', or 'delivery': the dates that there are, and no days between them
  holidays   a calendar like dim_date; none: no holidays are known
  incidents  a table like known_incidents; none: none are known
  monitor    the name by which incidents are declared
#}
{% macro observed_days(
    relation, day, measure, filled, by, months, every, holidays, incidents, monitor
) -%}
{%- set series = 'coalesce(cast(' ~ (by or "'all'") ~ ' as ' ~ dbt.type_string() ~ "), 'null')" -%}
{%- set date = 'cast(' ~ day ~ ' as date)' -%}
measured as (

    select
        {{ series }} as series,
        {{ date }} as day,
        count(*) as row_count,
        {{ measure }} as measured
    from {{ relation }}
    where {{ day }} is not null
    group by {{ series }}, {{ date }}

),

{% if every == 'delivery' -%}
spine as (

    select
        *,
        row_number() over (partition by series order by day) as place
    from measured

),
{%- else -%}
{%- set month = month_start('day') -%}
spans as (

    select
        series,
        {{ month if months else 'min(day)' }} as first_day,
        {% if months -%}
        {{ date_add('day', -1, date_add('month', 1, month)) }} as last_day
        {%- else -%}
        (select max(day) from measured) as last_day
        {%- endif %}
    from measured
    group by series{{ ', ' ~ month if months }}

),

calendar as (

    {{ date_series('(select min(first_day) from spans)', '(select max(last_day) from spans)') }}

),

spine as (

    select
        spans.series,
        calendar.series_date as day,
        measured.row_count,
        measured.measured,
        {{ dbt.datediff("cast('1970-01-01' as date)", 'calendar.series_date', 'day') }} as place
    from spans
    inner join calendar
        on calendar.series_date between spans.first_day and spans.last_day
    left join measured
        on
            spans.series = measured.series
            and calendar.series_date = measured.day

),
{%- endif %}

{% if holidays -%}
holidays as (

    select calendar_date
    from {{ holidays }}
    where
        is_federal_holiday
        or is_federal_holiday_observed
        or is_day_before_holiday
        or is_day_after_holiday

),
{%- endif %}

days as (

    select
        spine.series,
        spine.day,
        spine.place,
        coalesce(spine.row_count, 0) as row_count,
        cast({{ filled }} as {{ type_double() }}) as value,
        {{ 'holidays.calendar_date is not null' if holidays else 'false' }} as is_holiday,
        {% if incidents -%}
        exists (
            select 1
            from {{ incidents }} as incident
            where
                spine.day between incident.first_day and incident.last_day
                and coalesce(incident.monitor, '{{ monitor }}') = '{{ monitor }}'
                and coalesce(incident.series, spine.series) = spine.series
        )
        {%- else -%}
        false
        {%- endif %} as is_incident
    from spine
    {%- if holidays %}
    left join holidays
        on spine.day = holidays.calendar_date
    {%- endif %}

)
{%- endmacro %}
