{{ config(materialized='table', pre_hook='{{ few_nested_loops() }}') }}

{{ snapshot_versions(
    relation=ref('int_airports__snapshots'),
    code='airport_code',
    attributes=[
        'airport_name',
        'latitude',
        'longitude',
        'elevation_feet',
    ]
) }}
