with node_results as (

    select * from {{ source('ops', 'node_results') }}

),

invocations as (

    select * from {{ source('ops', 'invocations') }}

),

built as (

    select
        node_results.unique_id,
        invocations.target_name,
        invocations.is_full_refresh,
        node_results.node_name,
        node_results.seconds,
        node_results.rows_affected,
        invocations.started_at_utc,
        row_number() over (
            partition by
                node_results.unique_id, invocations.target_name, invocations.is_full_refresh
            order by invocations.started_at_utc desc, invocations.invocation_id desc
        ) as run_from_last
    from node_results
    inner join invocations on node_results.invocation_id = invocations.invocation_id
    where
        node_results.resource_type in ('model', 'seed', 'snapshot')
        and node_results.status = 'success'
        and not invocations.is_empty

),

-- The last run is no part of what it is compared with.
earlier as (

    select
        unique_id,
        target_name,
        is_full_refresh,
        count(*) as earlier_runs,
        percentile_cont(0.5) within group (order by seconds) as median_seconds
    from built
    where run_from_last between 2 and 21
    group by unique_id, target_name, is_full_refresh

),

model_run_times as (

    select
        built.unique_id,
        built.target_name,
        built.is_full_refresh,
        built.node_name,
        built.started_at_utc as last_run_at_utc,
        built.rows_affected as last_rows,
        built.seconds as last_seconds,
        coalesce(earlier.earlier_runs, 0) as earlier_runs,
        cast(earlier.median_seconds as {{ type_double() }}) as median_seconds,
        built.seconds / nullif(cast(earlier.median_seconds as {{ type_double() }}), 0) as ratio
    from built
    left join earlier
        on
            built.unique_id = earlier.unique_id
            and built.target_name = earlier.target_name
            and built.is_full_refresh = earlier.is_full_refresh
    where built.run_from_last = 1

)

select * from model_run_times
