{#
  A query on what the sources promise: source_name, table_name, warn_after_hours, error_after_hours,
  one row for each table that is landed. Hours are null where nothing is promised.
#}
{% macro freshness_limits() %}
    {% set hours = {'minute': 1 / 60, 'hour': 1, 'day': 24} %}
    {% set selects = [] %}
    {% for table in (graph['sources'].values() if execute else []) | sort(attribute='unique_id')
        if 'extracts' in table['config']['meta'] %}
        {% set limits = [] %}
        {% for name in ('warn_after', 'error_after') %}
            {% set limit = (table['freshness'] or {}).get(name) or {} %}
            {% do limits.append(
                (limit['count'] * hours[limit['period']]) | round | int if limit.get('count') else 'null'
            ) %}
        {% endfor %}
        {% do selects.append(
            "select '" ~ table['source_name'] ~ "' as source_name, '" ~ table['name'] ~ "' as table_name, "
            ~ 'cast(' ~ limits[0] ~ ' as bigint) as warn_after_hours, '
            ~ 'cast(' ~ limits[1] ~ ' as bigint) as error_after_hours'
        ) %}
    {% endfor %}
    {{ selects | join('\n    union all\n    ') or
        "select cast(null as " ~ dbt.type_string() ~ ") as source_name, "
        ~ "cast(null as " ~ dbt.type_string() ~ ") as table_name, "
        ~ "cast(null as bigint) as warn_after_hours, cast(null as bigint) as error_after_hours where false"
    }}
{% endmacro %}
