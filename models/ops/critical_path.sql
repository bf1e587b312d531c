with node_results as (

    select * from {{ source('ops', 'node_results') }}

),

invocations as (

    select * from {{ source('ops', 'invocations') }}

),

builds as (

    select
        invocation_id,
        target_name,
        started_at_utc,
        seconds,
        row_number() over (
            partition by target_name
            order by started_at_utc desc, invocation_id desc
        ) as build_from_last
    from invocations
    where command in ('build', 'run') and nodes > 0

),

steps as (

    select
        builds.target_name,
        builds.invocation_id,
        node_results.critical_step,
        node_results.unique_id,
        node_results.node_name,
        node_results.resource_type,
        node_results.status,
        node_results.started_at_utc,
        node_results.completed_at_utc,
        node_results.seconds,
        lag(node_results.completed_at_utc) over (
            partition by builds.invocation_id order by node_results.critical_step
        ) as could_start_at_utc,
        builds.seconds as build_seconds
    from node_results
    inner join builds on node_results.invocation_id = builds.invocation_id
    where builds.build_from_last = 1 and node_results.critical_step is not null

),

critical_path as (

    select
        target_name,
        invocation_id,
        critical_step,
        unique_id,
        node_name,
        resource_type,
        status,
        started_at_utc,
        completed_at_utc,
        seconds,
        {{ seconds_between('could_start_at_utc', 'started_at_utc') }} as waiting_seconds,
        seconds / nullif(build_seconds, 0) as share_of_build
    from steps

)

select * from critical_path
