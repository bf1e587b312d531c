{# dim_airport in one of its roles: the same members under the role's own column names. #}
{% macro airport_role(role) -%}
with airports as (

    select * from {{ ref('dim_airport') }}

),

{{ role }} as (

    select
        airport_key as {{ role }}_airport_key,
        airport_durable_key as {{ role }}_airport_durable_key,
        airport_code as {{ role }}_code,
        icao_code as {{ role }}_icao_code,
        airport_name as {{ role }}_name,
        city_name as {{ role }}_city_name,
        subdivision_name as {{ role }}_subdivision_name,
        country_code as {{ role }}_country_code,
        latitude as {{ role }}_latitude,
        longitude as {{ role }}_longitude,
        elevation_feet as {{ role }}_elevation_feet,
        time_zone as {{ role }}_time_zone,
        is_position_disputed as is_{{ role }}_position_disputed,
        valid_from as {{ role }}_valid_from,
        valid_to as {{ role }}_valid_to,
        is_current as is_{{ role }}_current,
        member_status as {{ role }}_member_status,
        member_reason as {{ role }}_member_reason
    from airports

)

select * from {{ role }}
{%- endmacro %}
