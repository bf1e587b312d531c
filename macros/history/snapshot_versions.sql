{#
  Type 2 versions of the members of a dimension, replayed from dated snapshots (docs/adr/0002).

  relation    one row per snapshot and member: source_name, list_name (the list that the snapshot
              is a full copy of), source_rank, snapshot_date, the code, the attributes and the
              audit columns
  code        the natural key
  attributes  the columns whose change makes a new version

  At any date a member is what the latest snapshot up to then says of it, of whichever source
  (source_rank decides on one day). A member that a later snapshot of the same list leaves
  out, and no other list has, is withdrawn: it gets a version with is_listed = false and no
  attributes, because nobody vouches for them any more. It may return. The earliest version of a member is valid from the beginning of time, because nothing
  older is known. Versions are half-open, have no gaps, and exactly one is current.
  The result depends on the set of snapshots only, never on the order in which they came.
#}
{% macro snapshot_versions(relation, code, attributes) -%}
with snapshots as (

    select
        *,
        row_number() over (
            partition by list_name, snapshot_date, {{ code }}
            order by source_rank, _source_row
        ) as repetition
    from {{ relation }}
    where {{ code }} is not null

),

snapshot_dates as (

    select
        list_name,
        snapshot_date,
        lead(snapshot_date) over (
            partition by list_name order by snapshot_date
        ) as next_snapshot_date
    from snapshots
    group by list_name, snapshot_date

),

listings as (

    select
        snapshots.*,
        coalesce(snapshot_dates.next_snapshot_date, {{ end_of_time() }}) as listed_until
    from snapshots
    inner join snapshot_dates
        on
            snapshots.list_name = snapshot_dates.list_name
            and snapshots.snapshot_date = snapshot_dates.snapshot_date
    where snapshots.repetition = 1

),

turning_points as (

    select {{ code }}, snapshot_date as turned_on from listings
    union distinct
    select {{ code }}, listed_until as turned_on from listings
    where listed_until < {{ end_of_time() }}

),

known_then as (

    select
        turning_points.turned_on,
        listings.listed_until > turning_points.turned_on as is_listed,
        listings.{{ code }},
        {% for attribute in attributes -%}
        case when listings.listed_until > turning_points.turned_on then listings.{{ attribute }} end
            as {{ attribute }},
        {% endfor -%}
        listings.source_name,
        listings._batch_id,
        listings._seq,
        listings._source_file,
        listings._source_row,
        row_number() over (
            partition by turning_points.{{ code }}, turning_points.turned_on
            order by
                case when listings.listed_until > turning_points.turned_on then 0 else 1 end,
                listings.snapshot_date desc,
                listings.source_rank
        ) as preference
    from turning_points
    -- fan-out: all that was known by then; the first by preference is kept below
    inner join listings
        on
            turning_points.{{ code }} = listings.{{ code }}
            and turning_points.turned_on >= listings.snapshot_date

),

states as (

    select
        *,
        md5(
            cast(is_listed as {{ dbt.type_string() }})
            {%- for attribute in attributes %}
            || '|' || coalesce(cast({{ attribute }} as {{ dbt.type_string() }}), '~')
            {%- endfor %}
        ) as state_hash
    from known_then
    where preference = 1

),

changes as (

    select
        *,
        lag(state_hash) over (
            partition by {{ code }} order by turned_on
        ) as previous_hash
    from states

),

versions as (

    select
        *,
        row_number() over (partition by {{ code }} order by turned_on) as version_number,
        lead(turned_on) over (partition by {{ code }} order by turned_on) as next_turned_on
    from changes
    where previous_hash is null or previous_hash != state_hash

)

select
    {{ code }},
    case
        when version_number = 1 then {{ beginning_of_time() }}
        else turned_on
    end as valid_from,
    coalesce(next_turned_on, {{ end_of_time() }}) as valid_to,
    version_number = 1 as is_earliest,
    next_turned_on is null as is_current,
    is_listed,
    {% for attribute in attributes -%}
    {{ attribute }},
    {% endfor -%}
    source_name as record_source,
    _batch_id,
    _seq,
    _source_file,
    _source_row
from versions
{%- endmacro %}
