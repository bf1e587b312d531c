with deliveries as (

    select * from {{ ref('stg_contrail__deliveries') }}

),

months as (

    {{ date_series("'1987-01-01'", "'2035-12-01'", 'month') }}

),

live as (

    select *
    from deliveries
    where is_live and period_start is not null and period_end is not null

),

live_months as (

    select
        live.source_name,
        live.table_name,
        live.batch_id,
        live.seq,
        months.series_date as partition_month
    from live
    -- fan-out: to one row per month that the delivery touches
    inner join months
        on
            live.period_end > months.series_date
            and live.period_start < {{ date_add('month', 1, 'months.series_date') }}

)

select * from live_months
