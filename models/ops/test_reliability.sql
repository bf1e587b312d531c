with test_history as (

    select * from {{ ref('test_history') }}

),

numbered as (

    select
        *,
        status in ('fail', 'error') as is_failed,
        row_number() over (
            partition by unique_id, target_name
            order by run_started_at_utc desc, invocation_id desc
        ) as run_from_last
    from test_history

),

-- The same code on the same data: what differs here is the test's own doing.
conditions as (

    select
        unique_id,
        target_name,
        git_sha,
        commit_seq,
        coalesce(as_of, '') as as_of
    from numbered
    where git_sha is not null and commit_seq is not null
    group by unique_id, target_name, git_sha, commit_seq, coalesce(as_of, '')
    having count(case when is_failed then 1 end) between 1 and count(*) - 1

),

contradicted as (

    select
        unique_id,
        target_name,
        count(*) as contradictions
    from conditions
    group by unique_id, target_name

),

counted as (

    select
        unique_id,
        target_name,
        max(test_name) as test_name,
        max(resource_type) as resource_type,
        max(attached_to) as attached_to,
        count(*) as runs,
        count(case when status = 'pass' then 1 end) as passed_runs,
        count(case when status = 'warn' then 1 end) as warned_runs,
        count(case when is_failed then 1 end) as failed_runs,
        count(case when status != previous_status then 1 end) as changes,
        max(case when run_from_last = 1 then status end) as last_status,
        max(run_started_at_utc) as last_run_at_utc,
        max(case when is_failed then run_started_at_utc end) as last_failed_at_utc
    from numbered
    group by unique_id, target_name

),

test_reliability as (

    select
        counted.*,
        coalesce(contradicted.contradictions, 0) as contradictions,
        contradicted.contradictions is not null as is_flaky,
        counted.passed_runs = counted.runs as is_always_passing
    from counted
    left join contradicted
        on
            counted.unique_id = contradicted.unique_id
            and counted.target_name = contradicted.target_name

)

select * from test_reliability
