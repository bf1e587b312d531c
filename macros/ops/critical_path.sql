{#
  Which results the end of the run waited for: from the last one to end back to the one that it could
  not start without, and so on. A node starts when its parents are built, and in a build when their
  tests and its own unit tests have passed: of those it waited for the one that ended last. Writes
  waited_for (a unique_id) and critical_step (1, 2, ...) into the rows.

  rows: those of node_rows(). parents: unique_id to the unique_ids that it depends on.
#}
{% macro mark_critical_path(rows, parents) %}
    {% set ended = {} %}
    {% set tests = {} %}
    {% for row in rows if row['started_at_utc'] and row['completed_at_utc'] %}
        {% do ended.update({row['unique_id']: row}) %}
        {% if row['resource_type'] in ('test', 'unit_test') %}
            {% for parent in parents[row['unique_id']] %}
                {% do tests.setdefault(parent, []).append(row) %}
            {% endfor %}
        {% endif %}
    {% endfor %}

    {% for id, row in ended.items() %}
        {% set waits = [] %}
        {% for parent in parents[id] if parent in ended %}
            {% do waits.append(ended[parent]) %}
        {% endfor %}
        {% if row['resource_type'] not in ('test', 'unit_test') %}
            {% for tested in parents[id] + [id] %}
                {% do waits.extend(tests.get(tested, [])) %}
            {% endfor %}
        {% endif %}
        {% set last = waits | rejectattr('unique_id', 'eq', id)
            | selectattr('completed_at_utc', 'le', row['started_at_utc'])
            | sort(attribute='completed_at_utc') | last %}
        {% do row.update({'waited_for': last['unique_id'] if last else none}) %}
    {% endfor %}

    {% set path = ended.values() | sort(attribute='completed_at_utc') | list %}
    {% set path = path[-1:] %}
    {% for _ in rows if path and path[-1]['waited_for'] %}
        {% do path.append(ended[path[-1]['waited_for']]) %}
    {% endfor %}
    {% for row in path | reverse %}
        {% do row.update({'critical_step': loop.index}) %}
    {% endfor %}
{% endmacro %}
