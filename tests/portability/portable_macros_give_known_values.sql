{#- What a macro gives for constants, and what it has to give: hashes by Python's hashlib, times by
    the rules of the time zones. Constants stand in a relation: no engine works them out early. -#}
{%- set text = dbt.type_string() -%}
{%- set cases = [
    ('int_hash', int_hash('word'), '648541476951500027'),
    ('int_hash of other letters', int_hash("'é|'"), '212237412344680527'),
    ('int_hash of null', int_hash('no_text'), 'null'),
    ('surrogate_key', surrogate_key(["'é'", 'no_text']), '212237412344680527'),
    ('month_start', month_start('day'), '2024-01-01'),
    ('month_start of a moment', month_start('moment'), '2024-07-01'),
    ('date_add of months', date_add('month', 1, 'day'), '2024-02-29'),
    ('date_add of months back', date_add('month', -1, 'day'), '2023-12-31'),
    ('date_add of days', date_add('day', 30, 'day'), '2024-03-01'),
    ('date_key', date_key('day'), '20240131'),
    ('iso_day_of_week', iso_day_of_week('day'), '3'),
    ('iso_day_of_week of a Sunday', iso_day_of_week("cast('2024-02-04' as date)"), '7'),
    ('hour_start', date_key(hour_start('moment')) ~ " * 100 + extract(hour from "
        ~ hour_start('moment') ~ ")", '2024070114'),
    ('minutes_between', minutes_between('moment', add_minutes('moment', '-1501')), '-1501'),
    ('add_minutes', minute_of_day(add_minutes('moment', 'number')), '929'),
    ('add_minutes of null', minute_of_day(add_minutes('moment', 'cast(no_text as integer)')), 'null'),
    ('utc_to_local in summer', minute_of_day(utc_to_local('moment', 'time_zone')), '634'),
    ('utc_to_local in winter',
        minute_of_day(utc_to_local("cast('2024-01-31 00:30:00' as timestamp)", 'time_zone')), '1170'),
    ('local_to_utc in summer', minute_of_day(local_to_utc('moment', 'time_zone')), '1114'),
    ('local_to_utc of an hour that comes twice',
        minute_of_day(local_to_utc("cast('2024-11-03 01:30:00' as timestamp)", 'time_zone')), '330'),
    ('local_to_utc of an hour that is left out',
        minute_of_day(local_to_utc("cast('2024-03-10 02:30:00' as timestamp)", 'time_zone')), '390'),
    ('hhmm_from_text', hhmm_from_text("'0005'"), '5'),
    ('hhmm_from_text of no time', hhmm_from_text('word'), '-1'),
    ('hhmm_to_minutes', hhmm_to_minutes('517'), '317'),
    ('within_day', within_day('-1 * number'), '1385'),
    ('matches_regex', "case when " ~ matches_regex('word', '^[a-c]{3}$') ~ " then 1 else 0 end", '1'),
    ('matches_regex within', "case when " ~ matches_regex('word', 'b') ~ " then 1 else 0 end", '1'),
    ('matches_regex of null', "case when " ~ matches_regex('no_text', 'b') ~ " then 1 end", 'null'),
    ('safe_divide', 'cast(' ~ safe_divide('number', '2') ~ ' * 10 as integer)', '275'),
    ('safe_divide by nothing', safe_divide('number', '0'), 'null'),
    ('date_series', '(select count(*) from (' ~ date_series("'2024-01-31'", "'2024-03-01'")
        ~ ') as series)', '31'),
    ('date_series of months', '(select count(*) from ('
        ~ date_series("'2023-12-01'", "'2025-01-01'", 'month') ~ ') as series)', '14'),
    ('number_series', '(select sum(number) from (' ~ number_series(10) ~ ') as series)', '55'),
    ('set_signature', "(select " ~ set_signature('letter') ~ " from (select 'a' as letter union all"
        ~ " select 'b' as letter) as letters)", '2:719112883567984232'),
] -%}
with constants as (

    select
        'abc' as word,
        cast(null as {{ text }}) as no_text,
        cast('2024-01-31' as date) as day,
        cast('2024-07-01 14:34:00' as timestamp) as moment,
        'America/New_York' as time_zone,
        55 as number

),

results as (
    {% for name, expression, expected in cases %}
    select
        '{{ name }}' as macro_name,
        coalesce(cast({{ expression }} as {{ text }}), 'null') as result,
        '{{ expected }}' as expected
    from constants
    {{ 'union all' if not loop.last }}
    {%- endfor %}

)

select *
from results
where result != expected
