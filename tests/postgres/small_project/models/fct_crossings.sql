{{
    config(
        materialized='incremental',
        incremental_strategy='partition_overwrite',
        on_schema_change=env_var('HARBOUR_ON_SCHEMA_CHANGE', 'fail'),
        meta={
            'partition': {'field': 'crossed_on', 'granularity': 'month'},
            'indexed': fromjson(env_var('HARBOUR_INDEXES', '[
                {"columns": ["crossing_key", "crossed_on"], "unique": true},
                {"columns": ["ferry_key"]},
                {"columns": ["passengers"]}
            ]')),
        }
    )
}}
{%- set plan = partitions_to_build(inputs=ref('months_of_crossings')) %}

with crossings as (

    select * from {{ source('raw', 'crossings') }}

),

ferries as (

    select * from {{ ref('dim_ferry') }}

),

ports as (

    select * from {{ ref('dim_port') }}

)

select
    crossings.crossing_key,
    crossings.crossed_on,
    crossings.ferry_key,
    crossings.port_key,
    {%- if 'load' in env_var('HARBOUR_COLUMNS', 'passengers') %}
    100.0 * crossings.passengers / ferries.seats as load_percent,
    {%- endif %}
    {%- if 'passengers' in env_var('HARBOUR_COLUMNS', 'passengers') %}
    crossings.passengers,
    {%- endif %}
    crossings.delivery
from crossings
left join ferries on crossings.ferry_key = ferries.ferry_key
left join ports on crossings.port_key = ports.port_key
where {{ in_partitions('crossings.crossed_on', plan) }}
