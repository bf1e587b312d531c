{{
    config(
        materialized='table',
        meta={
            'indexed': [{'columns': ['ferry_key'], 'unique': true}]
                + ([{'columns': ['ferry_name']}] if env_var('HARBOUR_FERRY_INDEX', '') else [])
        }
    )
}}

select
    ferry_key,
    ferry_name,
    {%- if env_var('HARBOUR_FERRY_COLUMN', '') %}
    length(ferry_name) as name_length,
    {%- endif %}
    seats
from {{ source('raw', 'ferries') }}
