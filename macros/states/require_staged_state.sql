{# on-run-start: say what to do where the raw relations of a state are missing, instead of failing in every model. #}
{% macro require_staged_state() %}
    {% if execute and var('as_of_seq', none) is not none %}
        {% do adapter.dispatch('require_staged_state', 'contrail')(var('as_of_seq')) %}
    {% endif %}
{% endmacro %}

{% macro default__require_staged_state(number) %}
    {% set staged = adapter.get_relation(
        database=target.database, schema='raw_contrail' ~ state_suffix(), identifier='deliveries'
    ) %}
    {% if not staged %}
        {{ exceptions.raise_compiler_error(
            'as_of_seq: the state after commit ' ~ number ~ ' is not staged. Run `contrail stage '
            ~ '--target ' ~ target.type ~ ' --as-of ' ~ number ~ '` first; `contrail diff` does it by itself.'
        ) }}
    {% endif %}
{% endmacro %}

{# The plugin in profiles.yml has staged the state. #}
{% macro duckdb__require_staged_state(number) %}
{% endmacro %}
