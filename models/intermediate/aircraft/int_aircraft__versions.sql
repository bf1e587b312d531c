{{ config(materialized='table', pre_hook='{{ few_nested_loops() }}') }}

{{ snapshot_versions(
    relation=ref('int_aircraft__snapshots'),
    code='tail_number',
    attributes=[
        'year_built',
        'aircraft_type',
        'manufacturer_name',
        'model_name',
        'engine_count',
        'seat_count',
        'cruising_speed_mph',
        'engine_type',
    ]
) }}
