{#
  Change tables that readers use, without making readers wait for each other, and without a deadlock.

      {% call patiently([relations]) %} statements; {% endcall %}

  All relations are locked together, or none of them: an attempt that does not get every lock within
  lock_attempt gives them all back, lets the readers that queued behind it pass, and tries again, each
  time a little longer, up to 0.8 s: readers who leave no gap are only overtaken by waiting in line.
  After lock_wait it fails, and nothing was changed. A reader therefore waits for one attempt and the
  statements at most, however long another reader holds a table; and as an attempt is shorter than
  PostgreSQL's deadlock_timeout (1 s), no reader is ever ended on its account (docs/adr/0008).

  Another model of the same run reads, too, and for as long as it takes to build: it is waited for ten
  times as long. What is changed without being locked here first is named as `what`.
#}
{% macro patiently(relations=[], what=none) %}
do $patiently$
declare
    began constant timestamptz := clock_timestamp();
    patience constant interval := interval '{{ var("lock_wait", "60s") }}';
    attempt interval := interval '{{ var("lock_attempt", "200ms") }}';
    attempt_ends timestamptz;
begin
    loop
        begin
            attempt_ends := clock_timestamp() + attempt;
            {%- for relation in relations %}
            perform set_config('lock_timeout', greatest(
                1, ceil(1000 * extract(epoch from attempt_ends - clock_timestamp()))
            )::int::text, true);
            lock table only {{ relation }} in access exclusive mode;
            {%- endfor %}
            perform set_config('lock_timeout', greatest(
                1, ceil(1000 * extract(epoch from attempt_ends - clock_timestamp()))
            )::int::text, true);
            {{ caller() }}
            exit;
        exception when lock_not_available then
            if clock_timestamp() > began + patience * (case when exists (
                select 1 from pg_locks inner join pg_stat_activity using (pid)
                where pid != pg_backend_pid() and application_name = current_setting('application_name')
                and relation in (null{% for relation in relations %}, to_regclass('{{ relation }}'){% endfor %})
            ) then 10 else 1 end) then
                raise exception using
                    errcode = 'lock_not_available',
                    message = 'readers held {{ what or relations | join(", ") }} for longer than '
                        'lock_wait ({{ var("lock_wait", "60s") }}); nothing more was changed',
                    hint = 'Run dbt retry, or see who reads: select * from pg_stat_activity.';
            end if;
        end;
        perform pg_sleep(0.1);
        attempt := least(attempt * 1.2, interval '800ms');
    end loop;
    perform set_config('lock_timeout', '0', true);
end
$patiently$
{%- endmacro %}
