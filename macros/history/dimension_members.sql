{#
  The members of a type 2 dimension, without their attributes: the delivered versions, the
  codes that only facts know (inferred members), and the two special members. An inferred
  member has the key that its earliest version will have when it is delivered.

  versions  the relation made by snapshot_versions()
  code      the natural key
  type      member_type in int_flights__members
  named_by  a further relation whose rows name members by this code
  unknown, not_applicable  why a fact may point to these members
#}
{% macro dimension_members(versions, code, type, unknown, not_applicable, named_by=none) -%}
    select
        {{ surrogate_key([code, 'valid_from']) }} as member_key,
        {{ surrogate_key([code]) }} as durable_key,
        {{ code }},
        valid_from,
        valid_to,
        is_current,
        case when is_listed then 'delivered' else 'withdrawn' end as member_status,
        case
            when is_listed then 'Delivered by ' || record_source || '.'
            else 'Left out by the next snapshot of ' || record_source || '.'
        end as member_reason
    from {{ versions }}
    union all
    select
        {{ surrogate_key(['mentioned.member_code', beginning_of_time()]) }} as member_key,
        {{ surrogate_key(['mentioned.member_code']) }} as durable_key,
        mentioned.member_code as {{ code }},
        {{ beginning_of_time() }} as valid_from,
        {{ end_of_time() }} as valid_to,
        true as is_current,
        'inferred' as member_status,
        'Named by {{ 'flights or ' ~ named_by if named_by else 'flights' }}, delivered by no source.'
            as member_reason
    from (
        select member_code
        from {{ ref('int_flights__members') }}
        where member_type = '{{ type }}'
        group by member_code
        {%- if named_by %}
        union distinct
        select {{ code }} as member_code
        from {{ named_by }}
        {%- endif %}
    ) as mentioned
    left join {{ versions }} as delivered
        on mentioned.member_code = delivered.{{ code }}
    where delivered.{{ code }} is null
    {%- for key, status, reason in [
        (unknown_key(), 'unknown', unknown),
        (not_applicable_key(), 'not_applicable', not_applicable),
    ] %}
    union all
    select
        cast({{ key }} as bigint) as member_key,
        cast({{ key }} as bigint) as durable_key,
        cast(null as {{ dbt.type_string() }}) as {{ code }},
        {{ beginning_of_time() }} as valid_from,
        {{ end_of_time() }} as valid_to,
        true as is_current,
        '{{ status }}' as member_status,
        '{{ reason }}' as member_reason
    {%- endfor %}
{%- endmacro %}
