{{ config(materialized='view') }}

{{ airport_role('origin') }}
