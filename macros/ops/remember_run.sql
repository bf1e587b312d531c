{#
  on-run-end: append what this invocation of dbt has done to two tables in <schema>_ops, invocations
  and node_results. What dbt leaves in target/ is overwritten by the next command; this stays.

  It must never be the reason why a run fails, so nothing here trusts a result to have the shape that
  it should have, and all values travel as one JSON text that the engine takes apart: see
  docs/runs.md for what is guaranteed.
#}
{% macro remember_run() %}
    {% if execute and flags.WHICH in ('run', 'build', 'retry', 'test', 'seed', 'snapshot', 'freshness') %}
        {% do remember_results(results) %}
    {% endif %}
{% endmacro %}

{% macro remember_results(results) %}
    {% if prepare_ops_tables() %}
        {% set nodes = node_rows(results) %}
        {% do append_to_ops({
            'invocations': [invocation_row(nodes)],
            'node_results': nodes
        }) %}
    {% endif %}
{% endmacro %}

{# What is known about the invocation as a whole. #}
{% macro invocation_row(nodes) %}
    {% set statuses = nodes | map(attribute='status') | list %}
    {% set failed = statuses | select('in', ['error', 'fail', 'runtime error']) | list | length %}
    {% set now = modules.datetime.datetime.now(modules.pytz.utc) %}
    {% set arguments = invocation_args_dict or {} %}
    {% set selection = [] %}
    {% for name in ('select', 'exclude', 'resource_types', 'exclude_resource_types') %}
        {% if arguments.get(name) %}
            {% do selection.append('--' ~ name | replace('_', '-') ~ ' ' ~ arguments[name] | list | join(' ')) %}
        {% endif %}
    {% endfor %}
    {{ return({
        'invocation_id': invocation_id,
        'command': flags.WHICH,
        'selection': ops_text(selection | join(' ')) or none,
        'target_name': target.name,
        'engine': target.type,
        'dbt_version': dbt_version,
        'git_sha': ops_text(env_var('CONTRAIL_GIT_SHA', '') or env_var('GITHUB_SHA', '')) or none,
        'commit_seq': newest_staged_commit(),
        'as_of': var('as_of_seq', none),
        'is_full_refresh': flags.FULL_REFRESH | default(false, true),
        'is_empty': flags.EMPTY | default(false, true),
        'threads': target.threads,
        'started_at_utc': run_started_at.astimezone(modules.pytz.utc).strftime('%Y-%m-%d %H:%M:%S.%f'),
        'seconds': (now - run_started_at).total_seconds(),
        'status': 'failed' if failed else 'warned' if 'warn' in statuses else 'passed',
        'nodes': nodes | length,
        'failed_nodes': failed,
    }) }}
{% endmacro %}

{# The number of the newest commit that was staged when the run ended; none if nothing is staged. #}
{% macro newest_staged_commit() %}
    {% set schema = 'raw_contrail' ~ state_suffix() %}
    {% set found = ops_shape(schema, ['deliveries']).get('deliveries', {'columns': {}}) %}
    {% if found['columns'].get('seq') == 'bigint' %}
        {% set newest = run_query('select max(seq) from ' ~ schema ~ '.deliveries').rows[0][0] %}
        {{ return(none if newest is none else newest | int) }}
    {% endif %}
    {{ return(none) }}
{% endmacro %}

{# One row for each result, in the order in which they ended. #}
{% macro node_rows(results) %}
    {% set rows = [] %}
    {% set parents = {} %}
    {% for result in (results if results is sequence and results is not string else []) %}
        {% set node = result.node or {} %}
        {% set timing = result.timing if result.timing is sequence else [] %}
        {% set started = timing | map(attribute='started_at') | select | map('string') | list %}
        {% set completed = timing | map(attribute='completed_at') | select | map('string') | list %}
        {% set affected = (result.adapter_response or {}).rows_affected %}
        {% set number = (-1e15, 1e15) %}
        {% do rows.append({
            'invocation_id': invocation_id,
            'unique_id': (node.unique_id or result.unique_id or 'unknown') | string,
            'node_name': (node.name or 'unknown') | string,
            'resource_type': (node.resource_type or 'unknown') | string,
            'attached_to': node.attached_node or none,
            'status': (result.status or 'unknown') | string,
            'failures': result.failures | int
                if result.failures is number and number[0] < result.failures < number[1] else none,
            'rows_affected': affected | int if affected is number and 0 <= affected < number[1] else none,
            'seconds': result.execution_time if result.execution_time is number
                and 0 <= result.execution_time < number[1] else none,
            'thread': (result.thread_id or '') | string or none,
            'started_at_utc': started | min or none,
            'completed_at_utc': completed | max or none,
            'message': ops_text(result.message) if result.message else none,
            'waited_for': none,
            'critical_step': none,
        }) %}
        {% set named = (node.depends_on or {}).nodes %}
        {% do parents.update({
            rows[-1]['unique_id']: named | map('string') | list if named is sequence else []
        }) %}
    {% endfor %}
    {% do mark_critical_path(rows, parents) %}
    {{ return(rows) }}
{% endmacro %}

{# Long messages are cut. #}
{% macro ops_text(value) %}
    {{ return(((value or '') | string)[:1000]) }}
{% endmacro %}
