{{ config(materialized='table') }}

{{ snapshot_versions(
    relation=ref('int_carriers__snapshots'),
    code='carrier_code',
    attributes=[
        'carrier_name',
    ]
) }}
