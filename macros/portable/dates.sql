{# The first day of the month of a date. #}
{% macro month_start(date_expression) -%}
    cast({{ dbt.date_trunc('month', date_expression) }} as date)
{%- endmacro %}

{# A date moved by whole days or months; always a date, never a timestamp. #}
{% macro date_add(datepart, amount, date_expression) -%}
    {{ return(adapter.dispatch('date_add', 'contrail')(datepart, amount, date_expression)) }}
{%- endmacro %}

{% macro default__date_add(datepart, amount, date_expression) -%}
    cast({{ dbt.dateadd(datepart, amount, date_expression) }} as date)
{%- endmacro %}

{% macro spark__date_add(datepart, amount, date_expression) -%}
    {{ {'day': 'date_add', 'month': 'add_months'}[datepart] }}(
        cast({{ date_expression }} as date), cast({{ amount }} as int)
    )
{%- endmacro %}

{# yyyymmdd as an integer: the key of dim_date. NULL gives NULL. #}
{% macro date_key(date_expression) -%}
    cast(
        extract(year from {{ date_expression }}) * 10000
        + extract(month from {{ date_expression }}) * 100
        + extract(day from {{ date_expression }}) as integer
    )
{%- endmacro %}

{# One row for each day (or month) from first to last, both included: column series_date. #}
{% macro date_series(first, last, step='day') -%}
    {{ return(adapter.dispatch('date_series', 'contrail')(first, last, step)) }}
{%- endmacro %}

{% macro default__date_series(first, last, step) -%}
    select cast(moment as date) as series_date
    from generate_series(
        cast({{ first }} as timestamp), cast({{ last }} as timestamp), interval '1 {{ step }}'
    ) as series (moment)
{%- endmacro %}

{% macro duckdb__date_series(first, last, step) -%}
    select cast(unnest(generate_series(
        cast({{ first }} as timestamp), cast({{ last }} as timestamp), interval '1 {{ step }}'
    )) as date) as series_date
{%- endmacro %}

{% macro spark__date_series(first, last, step) -%}
    select explode(
        sequence(cast({{ first }} as date), cast({{ last }} as date), interval 1 {{ step }})
    ) as series_date
{%- endmacro %}

{# One row for each whole number from 0 to last: column number. #}
{% macro number_series(last) -%}
    {{ return(adapter.dispatch('number_series', 'contrail')(last)) }}
{%- endmacro %}

{% macro default__number_series(last) -%}
    select cast(n as integer) as number
    from generate_series(0, {{ last }}) as series (n)
{%- endmacro %}

{% macro spark__number_series(last) -%}
    select explode(sequence(0, {{ last }})) as number
{%- endmacro %}

{# Day of the week by ISO 8601: Monday 1 to Sunday 7. #}
{% macro iso_day_of_week(date_expression) -%}
    {{ return(adapter.dispatch('iso_day_of_week', 'contrail')(date_expression)) }}
{%- endmacro %}

{% macro default__iso_day_of_week(date_expression) -%}
    cast(extract(isodow from {{ date_expression }}) as integer)
{%- endmacro %}

{% macro spark__iso_day_of_week(date_expression) -%}
    cast(weekday({{ date_expression }}) + 1 as integer)
{%- endmacro %}

{# The full hour in which a timestamp lies. #}
{% macro hour_start(timestamp_expression) -%}
    cast({{ dbt.date_trunc('hour', timestamp_expression) }} as timestamp)
{%- endmacro %}
