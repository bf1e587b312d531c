{{ config(materialized='table', pre_hook='{{ few_nested_loops() }}') }}

{{ snapshot_versions(
    relation=ref('int_carriers__snapshots'),
    code='carrier_code',
    attributes=[
        'carrier_name',
    ]
) }}
