{{
    config(
        materialized='incremental',
        incremental_strategy='partition_overwrite',
        on_schema_change='fail',
        contract={'enforced': true},
        meta={
            'partition': {'field': 'sold_at', 'granularity': 'month'},
            'indexed': [{'columns': ['ticket_key', 'sold_at'], 'unique': true}],
        }
    )
}}
{%- set plan = partitions_to_build(inputs=ref('months_of_tickets')) %}

with tickets as (

    select * from {{ source('raw', 'tickets') }}

),

ferries as (

    select * from {{ ref('dim_ferry') }}

),

ports as (

    select * from {{ ref('dim_port') }}

)

select
    tickets.ticket_key,
    tickets.sold_at,
    tickets.ferry_key,
    tickets.port_key,
    cast(tickets.fare as {{ env_var('HARBOUR_FARE', 'numeric(8, 2)') }}) as fare,
    {%- if is_incremental() %}
    coalesce(before.first_fare, tickets.fare) as first_fare,
    {%- else %}
    tickets.fare as first_fare,
    {%- endif %}
    tickets.delivery
from tickets
left join ferries on tickets.ferry_key = ferries.ferry_key
left join ports on tickets.port_key = ports.port_key
{%- if is_incremental() %}
left join {{ this }} as before on tickets.ticket_key = before.ticket_key
{%- endif %}
where {{ in_partitions('tickets.sold_at', plan) }}
