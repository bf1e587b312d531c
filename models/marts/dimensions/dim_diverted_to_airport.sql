{{ config(materialized='view') }}

{{ airport_role('diverted_to') }}
