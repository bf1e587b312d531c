{#
  The columns of the on-time table of the Bureau of Transportation Statistics, renamed and typed:
  written once for the full monthly file and for the download with selectable columns. A column that
  a download lacks is null in the source. Minutes and miles are whole numbers, delivered as -5.00.

  flight_date  the expression for it; a plain column lets the engine skip what a build of some
               months does not need
#}
{% macro bts_on_time_columns(flight_date) -%}
-- key
        {{ flight_date }} as flight_date,
        -- the unique code, or the IATA code where a download holds only that
        coalesce(reporting_airline, iata_code_reporting_airline) as carrier_code,
        cast(flight_number_reporting_airline as bigint) as flight_number,
        tail_number,
        origin as origin_code,
        dest as destination_code,

        -- parts of the date, as delivered
        cast(year as integer) as flight_year,
        cast(quarter as integer) as flight_quarter,
        cast(month as integer) as flight_month_number,
        cast(dayofmonth as integer) as flight_day_of_month,
        cast(dayofweek as integer) as flight_day_of_week,

        -- carrier and airports, further attributes
        iata_code_reporting_airline as carrier_iata_code,
        dot_id_reporting_airline as carrier_dot_id,
        {% for role, prefix in [('origin', 'origin'), ('destination', 'dest')] -%}
        {{ prefix }}airportid as {{ role }}_airport_id,
        {{ prefix }}airportseqid as {{ role }}_airport_seq_id,
        {{ prefix }}citymarketid as {{ role }}_city_market_id,
        {{ prefix }}cityname as {{ role }}_city_name,
        {{ prefix }}state as {{ role }}_state_code,
        {{ prefix }}statefips as {{ role }}_state_fips,
        {{ prefix }}statename as {{ role }}_state_name,
        cast({{ prefix }}wac as integer) as {{ role }}_world_area_code,
        {% endfor %}
        -- departure
        {{ hhmm_from_text('crsdeptime') }} as scheduled_departure_hhmm,
        {{ hhmm_from_text('deptime') }} as departure_hhmm,
        cast(depdelay as integer) as departure_delay_minutes,
        cast(depdelayminutes as integer) as departure_delay_positive_minutes,
        {{ true_if_one('depdel15') }} as is_departure_delayed_15,
        cast(departuredelaygroups as integer) as departure_delay_group,
        deptimeblk as scheduled_departure_block,
        cast(taxiout as integer) as taxi_out_minutes,
        {{ hhmm_from_text('wheelsoff') }} as wheels_off_hhmm,

        -- arrival
        {{ hhmm_from_text('wheelson') }} as wheels_on_hhmm,
        cast(taxiin as integer) as taxi_in_minutes,
        {{ hhmm_from_text('crsarrtime') }} as scheduled_arrival_hhmm,
        {{ hhmm_from_text('arrtime') }} as arrival_hhmm,
        cast(arrdelay as integer) as arrival_delay_minutes,
        cast(arrdelayminutes as integer) as arrival_delay_positive_minutes,
        {{ true_if_one('arrdel15') }} as is_arrival_delayed_15,
        cast(arrivaldelaygroups as integer) as arrival_delay_group,
        arrtimeblk as scheduled_arrival_block,

        -- status
        {{ true_if_one('cancelled') }} as is_cancelled,
        cancellationcode as cancellation_code,
        {{ true_if_one('diverted') }} as is_diverted,

        -- measures
        cast(crselapsedtime as integer) as scheduled_elapsed_minutes,
        cast(actualelapsedtime as integer) as actual_elapsed_minutes,
        cast(airtime as integer) as air_time_minutes,
        cast(flights as integer) as flight_count,
        cast(distance as integer) as distance_miles,
        cast(distancegroup as integer) as distance_group,

        -- causes of the arrival delay
        cast(carrierdelay as integer) as carrier_delay_minutes,
        cast(weatherdelay as integer) as weather_delay_minutes,
        cast(nasdelay as integer) as nas_delay_minutes,
        cast(securitydelay as integer) as security_delay_minutes,
        cast(lateaircraftdelay as integer) as late_aircraft_delay_minutes,

        -- return to the gate
        {{ hhmm_from_text('firstdeptime') }} as first_departure_hhmm,
        cast(totaladdgtime as integer) as total_away_from_gate_minutes,
        cast(longestaddgtime as integer) as longest_away_from_gate_minutes,

        -- diversions
        cast(divairportlandings as integer) as diversion_airport_landings,
        {{ true_if_one('divreacheddest') }} as is_diversion_destination_reached,
        cast(divactualelapsedtime as integer) as diversion_elapsed_minutes,
        cast(divarrdelay as integer) as diversion_arrival_delay_minutes,
        cast(divdistance as integer) as diversion_distance_miles
        {%- for n in range(1, 6) %},
        div{{ n }}airport as diversion_{{ n }}_airport_code,
        div{{ n }}airportid as diversion_{{ n }}_airport_id,
        div{{ n }}airportseqid as diversion_{{ n }}_airport_seq_id,
        {{ hhmm_from_text('div' ~ n ~ 'wheelson') }} as diversion_{{ n }}_wheels_on_hhmm,
        cast(div{{ n }}totalgtime as integer) as diversion_{{ n }}_total_away_from_gate_minutes,
        cast(div{{ n }}longestgtime as integer)
            as diversion_{{ n }}_longest_away_from_gate_minutes,
        {{ hhmm_from_text('div' ~ n ~ 'wheelsoff') }} as diversion_{{ n }}_wheels_off_hhmm,
        div{{ n }}tailnum as diversion_{{ n }}_tail_number
        {%- endfor %}
{%- endmacro %}
