with crossings as (

    select * from {{ source('raw', 'crossings') }}

)

select
    cast(date_trunc('month', crossed_on) as date) as partition_month,
    md5(string_agg(cast(crossings as text), ' ' order by crossings)) as signature
from crossings
group by 1
