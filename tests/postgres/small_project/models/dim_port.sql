{{ config(materialized='table', meta={'indexed': [{'columns': ['port_key'], 'unique': true}]}) }}

select
    port_key,
    port_name
from {{ source('raw', 'ports') }}
