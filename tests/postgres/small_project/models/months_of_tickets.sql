with tickets as (

    select * from {{ source('raw', 'tickets') }}

)

select
    cast(date_trunc('month', sold_at) as date) as partition_month,
    md5(string_agg(cast(tickets as text), ' ' order by tickets)) as signature
from tickets
group by 1
