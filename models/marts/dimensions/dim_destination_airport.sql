{{ config(materialized='view') }}

{{ airport_role('destination') }}
