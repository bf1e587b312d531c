{#
  A clock time written as text ('0005') as the number hours * 100 + minutes (5). Null stays null.
  Text that is not one to four digits becomes -1, which no clock shows: a cast would stop the run
  on DuckDB and PostgreSQL and turn the text into a silent null on Spark; -1 is found by a test.
#}
{% macro hhmm_from_text(text_expression) -%}
    case
        when {{ text_expression }} is null then null
        when {{ matches_regex(text_expression, '^[0-9]{1,4}$') }}
            then cast({{ text_expression }} as integer)
        else -1
    end
{%- endmacro %}
