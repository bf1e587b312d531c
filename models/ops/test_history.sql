with node_results as (

    select * from {{ source('ops', 'node_results') }}

),

invocations as (

    select * from {{ source('ops', 'invocations') }}

),

test_runs as (

    select
        -- keys
        node_results.unique_id,
        node_results.invocation_id,

        -- the test
        node_results.node_name as test_name,
        node_results.resource_type,
        node_results.attached_to,

        -- what it was run on
        invocations.target_name,
        invocations.git_sha,
        invocations.commit_seq,
        invocations.as_of,

        -- the outcome
        invocations.started_at_utc as run_started_at_utc,
        node_results.status,
        node_results.failures,
        node_results.seconds,
        node_results.message
    from node_results
    inner join invocations on node_results.invocation_id = invocations.invocation_id
    where
        node_results.resource_type in ('test', 'unit_test')
        and node_results.status != 'skipped'
        and not invocations.is_empty

),

test_history as (

    select
        unique_id,
        invocation_id,
        test_name,
        resource_type,
        attached_to,
        target_name,
        git_sha,
        commit_seq,
        as_of,
        run_started_at_utc,
        status,
        lag(status) over (
            partition by unique_id, target_name
            order by run_started_at_utc, invocation_id
        ) as previous_status,
        failures,
        seconds,
        message
    from test_runs

)

select * from test_history
