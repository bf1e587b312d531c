with delivery_months as (

    select * from {{ ref('int_deliveries__months') }}

),

flight_months as (

    select *
    from delivery_months
    where table_name in ('flights', 'on_time_monthly', 'on_time_selected')

),

partitions as (

    select
        partition_month,
        {{ set_signature(delivery_id('batch_id', 'seq')) }} as signature
    from flight_months
    group by partition_month

)

select * from partitions
