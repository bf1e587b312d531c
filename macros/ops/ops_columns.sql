{# The two tables of runs, and their columns. #}
{% macro ops_columns() %}
    {{ return({
        'invocations': {
            'invocation_id': 'text',
            'command': 'text',
            'selection': 'text',
            'target_name': 'text',
            'engine': 'text',
            'dbt_version': 'text',
            'git_sha': 'text',
            'commit_seq': 'bigint',
            'as_of': 'text',
            'is_full_refresh': 'boolean',
            'is_empty': 'boolean',
            'threads': 'bigint',
            'started_at_utc': 'timestamp',
            'seconds': 'double',
            'status': 'text',
            'nodes': 'bigint',
            'failed_nodes': 'bigint',
        },
        'node_results': {
            'invocation_id': 'text',
            'unique_id': 'text',
            'node_name': 'text',
            'resource_type': 'text',
            'attached_to': 'text',
            'status': 'text',
            'failures': 'bigint',
            'rows_affected': 'bigint',
            'seconds': 'double',
            'thread': 'text',
            'started_at_utc': 'timestamp',
            'completed_at_utc': 'timestamp',
            'message': 'text',
            'waited_for': 'text',
            'critical_step': 'bigint',
        },
    }) }}
{% endmacro %}

{% macro ops_schema() -%}
    {{ return(target.schema ~ '_ops') }}
{%- endmacro %}

{% macro ops_type(kind) -%}
    {{ return({
        'text': dbt.type_string(),
        'bigint': 'bigint',
        'boolean': 'boolean',
        'timestamp': 'timestamp',
        'double': type_double(),
    }[kind]) }}
{%- endmacro %}
