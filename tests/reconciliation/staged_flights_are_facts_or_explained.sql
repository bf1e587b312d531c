with matched as (

    select * from {{ ref('int_flights__matched') }}

),

flights as (

    select * from {{ ref('fct_flights') }}

),

staged as (
    {% for name in [
        'nycflights13__flights', 'nycflights23__flights', 'bts__on_time_monthly',
        'bts__on_time_selected',
    ] %}
    select
        _batch_id,
        _source_row
    from {{ ref('stg_' ~ name) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

staged_counts as (

    select
        _batch_id,
        count(*) as staged_rows
    from staged
    group by _batch_id

),

fact_counts as (

    select
        _batch_id,
        count(*) as fact_rows
    from flights
    group by _batch_id

),

explained_counts as (

    select
        _batch_id,
        sum(case when resolution = 'repeated_in_delivery' then 1 else 0 end) as repeated_rows,
        sum(case when resolution = 'known_from_better_source' then 1 else 0 end) as known_rows
    from matched
    group by _batch_id

),

compared as (

    select
        coalesce(staged_counts._batch_id, fact_counts._batch_id) as _batch_id,
        coalesce(staged_counts.staged_rows, 0) as staged_rows,
        coalesce(fact_counts.fact_rows, 0) as fact_rows,
        coalesce(explained_counts.repeated_rows, 0) as repeated_rows,
        coalesce(explained_counts.known_rows, 0) as known_rows
    from staged_counts
    full outer join fact_counts
        on staged_counts._batch_id = fact_counts._batch_id
    left join explained_counts
        on staged_counts._batch_id = explained_counts._batch_id

)

select *
from compared
where staged_rows != fact_rows + repeated_rows + known_rows
