{{
    config(
        materialized='incremental',
        incremental_strategy='partition_overwrite',
        meta={
            'partition': {'field': 'crossed_on', 'granularity': 'month'},
            'indexed': [{'columns': ['ferry_key', 'crossed_on'], 'unique': true}],
        }
    )
}}
{%- set plan = partitions_to_build(follows=[ref('fct_crossings')]) %}

select
    crossed_on,
    ferry_key,
    count(*) as crossings
from {{ ref('fct_crossings') }}
where {{ in_partitions('crossed_on', plan) }}
group by crossed_on, ferry_key
