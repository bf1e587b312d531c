{#
  The condition that finds the version of a type 2 member that was valid on the day of a fact.

  code       the natural key in the fact
  dimension  the alias of the dimension, which has valid_from and valid_to
  key        the natural key in the dimension
  day        the date of the fact
#}
{% macro valid_member(code, dimension, key, day='flights.flight_date') -%}
    {{ code }} = {{ dimension }}.{{ key }}
            and {{ day }} >= {{ dimension }}.valid_from
            and {{ day }} < {{ dimension }}.valid_to
{%- endmacro %}

{# The key that was found; where none was, whether there is no such member or it is not known. #}
{% macro member_key(key, not_applicable) -%}
    coalesce(
            {{ key }},
            case when {{ not_applicable }} then {{ not_applicable_key() }} else {{ unknown_key() }} end
        )
{%- endmacro %}
