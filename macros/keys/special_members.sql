{#
  Keys of the two members that every dimension has beside the real ones. They are negative;
  real keys never are.
#}
{% macro unknown_key() -%} -1 {%- endmacro %}
{% macro not_applicable_key() -%} -2 {%- endmacro %}

{# First day of the validity of a member's earliest version: before any flight on record. #}
{% macro beginning_of_time() -%} cast('1900-01-01' as date) {%- endmacro %}
{% macro end_of_time() -%} cast('9999-12-31' as date) {%- endmacro %}
