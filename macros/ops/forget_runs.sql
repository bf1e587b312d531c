{#
  Runs are remembered for as many days as the variable keep_runs_days says: 90 unless it is set. It is
  seen to after each run; to forget more at once:

      dbt run-operation forget_runs --args '{days: 7}'
#}
{% macro forget_runs(days) %}
    {% if prepare_ops_tables() %}
        {% do adapter.dispatch('execute_together', 'contrail')(forget_runs_sql(days)) %}
    {% endif %}
{% endmacro %}

{# The statements that forget; those of node_results first, which know no moment of their own. #}
{% macro forget_runs_sql(days=none) %}
    {% set days = (var('keep_runs_days', 90) if days is none else days) | int(90) %}
    {% set first = modules.datetime.datetime.now(modules.pytz.utc) - modules.datetime.timedelta(days=days) %}
    {% set schema = ops_schema() %}
    {% set kept = "where started_at_utc >= cast('" ~ first.strftime('%Y-%m-%d %H:%M:%S') ~ "' as timestamp)" %}
    {{ return([
        'delete from ' ~ schema ~ '.node_results where invocation_id not in '
        ~ '(select invocation_id from ' ~ schema ~ '.invocations ' ~ kept ~ ')',
        'delete from ' ~ schema ~ '.invocations ' ~ kept | replace('>=', '<'),
    ]) }}
{% endmacro %}
