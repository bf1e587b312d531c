-- By name: a view on all columns would hold on to each of them.
with crossings as (

    select crossing_key, crossed_on, ferry_key, port_key from {{ ref('fct_crossings') }}

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
    ferries.ferry_name,
    ports.port_name
from crossings
inner join ferries on crossings.ferry_key = ferries.ferry_key
inner join ports on crossings.port_key = ports.port_key
