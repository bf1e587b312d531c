{#- Asks the warehouse a question whose answer is known, and fails with every row that was expected and
    did not come, and every row that came and was not expected. The order of rows does not count.

    It warns instead where another source delivers flights of that year, too: it is preferred
    (docs/adr/0005), and the question is then about other flights.

    model      a table of publications with the source and year of the flights that they are about
    query      the question, with ref() for each model
    answer     rows of texts and numbers
    tolerance  by how much numbers may differ; 0 is exact -#}
{% test known_answer(model, query, answer, tolerance=0) %}

{{ config(error_if='> 0 and max(flights_from_elsewhere) = 0') }}

{%- set columns = [] %}
{%- set conditions = [] %}
{%- set texts = [] %}
{%- for value in answer[0] %}
    {%- set column = 'value_' ~ loop.index %}
    {%- do columns.append(column) %}
    {%- do texts.append('cast(' ~ column ~ ' as ' ~ dbt.type_string() ~ ')') %}
    {%- do conditions.append(
        'got.' ~ column ~ ' = expected.' ~ column if value is string
        else 'abs(got.' ~ column ~ ' - expected.' ~ column ~ ') <= ' ~ tolerance
    ) %}
{%- endfor %}

with got ({{ columns | join(', ') }}) as (

    {{ query | indent }}

),

expected ({{ columns | join(', ') }}) as (

    {%- for row in answer %}
    select
        {%- for value in row %}
        {{ "'" ~ dbt.escape_single_quotes(value) ~ "'" if value is string else value }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

wrong as (

    select
        'expected' as what,
        {{ texts | join(" || ', ' || ") }} as row_values
    from expected
    where not exists (select 1 from got where {{ conditions | join(' and ') }})
    union all
    select
        'got' as what,
        {{ texts | join(" || ', ' || ") }} as row_values
    from got
    where not exists (select 1 from expected where {{ conditions | join(' and ') }})
    union all
    select
        'rows got' as what,
        cast(count(*) as {{ dbt.type_string() }}) as row_values
    from got
    having count(*) <> {{ answer | length }}

)

select
    wrong.*,
    (
        select count(*)
        from {{ ref('fct_flights') }} as flights
        inner join {{ model }} as asked
            on
                extract(year from flights.flight_date) = asked.flight_year
                and flights.source_system <> asked.source_system
    ) as flights_from_elsewhere
from wrong

{% endtest %}
