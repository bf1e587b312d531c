{#
  Which months a partitioned model has to build, by comparing the signatures of its inputs
  with those it was last built from. A partitioned model has the strategy
  partition_overwrite and the config

      meta={'partition': {'field': 'flight_date', 'granularity': 'month'}}

  where field is the date or timestamp whose month is the partition. It asks for its plan with

      partitions_to_build(inputs=ref('int_flights__partitions'))
          a relation with one row per month: partition_month, signature; or
      partitions_to_build(follows=[ref('fct_flights')])
          the partitioned relations whose months this one is made from

  and filters its imports with in_partitions(). The plan stands as a comment in the compiled
  SQL, where the strategy and the post-hook read it: what is built, replaced and remembered
  cannot differ, even if more is staged meanwhile. A month whose inputs are gone has the
  signature none: it is emptied and forgotten. A full refresh builds the months that deliveries
  claim, too, and no other rows: a row that is dated outside of them is in no fact however it is
  built, and the test covers_months_of names it. Outside of builds (compile, docs) the plan is
  complete and without months, so the SQL in the docs is free of them.
#}
{% macro partitions_to_build(inputs=none, follows=[]) %}
    {% set plan = {'complete': true, 'months': {}} %}
    {% if execute and flags.WHICH in ('run', 'build', 'retry') %}
        {% set wanted = partition_inputs(inputs, follows) %}
        {% if is_incremental() %}
            {% do plan.update({'complete': false}) %}
            {% set wanted = differing_partitions(wanted) %}
        {% endif %}
        {% for row in run_query(wanted).rows %}
            {% do plan['months'].update({row[0] | string: row[1]}) %}
        {% endfor %}
        {% set months = plan['months'].keys() | sort %}
        {% do log(
            this.identifier ~ ': ' ~ months | length ~ ' months to build'
            ~ (', ' ~ months[0] ~ ' .. ' ~ months[-1] if months else ''),
            info=true
        ) %}
    {% endif %}
    {{ return(plan) }}
{% endmacro %}

{#
  What the partitions of a model depend on now: partition_month, signature. With --empty it is
  nothing, so that no month without its rows is remembered as built.
#}
{% macro partition_inputs(inputs, follows) %}
    {% if inputs %}
        {{ return('select partition_month, signature from ' ~ inputs) }}
    {% endif %}
    {% set states = [] %}
    {% for relation in follows %}
        {% do states.append(
            'select partition_month, signature from ' ~ partition_state_of(relation)
            ~ " where relation_name = '" ~ partition_owner(relation) ~ "'"
            ~ (' and false' if flags.EMPTY else '')
        ) %}
    {% endfor %}
    {% set query %}
        select
            partition_month,
            min(signature) || '+' || max(signature) as signature
        from ({{ states | join(' union all ') }}) as states
        group by partition_month
    {% endset %}
    {{ return(query) }}
{% endmacro %}

{# The partitions whose inputs are not those that they were built from. #}
{% macro differing_partitions(wanted) %}
    {% set query %}
        select
            coalesce(wanted.partition_month, built.partition_month) as partition_month,
            wanted.signature
        from ({{ wanted }}) as wanted
        full outer join (
            select partition_month, signature
            from {{ partition_state_relation() }}
            where relation_name = '{{ partition_owner(this) }}'
        ) as built
            on wanted.partition_month = built.partition_month
        where
            wanted.signature is null
            or built.signature is null
            or wanted.signature != built.signature
    {% endset %}
    {{ return(query) }}
{% endmacro %}

{# The condition that keeps only the months of the plan, as literals that every engine prunes by. #}
{% macro in_partitions(column, plan) -%}
    /* partition_plan: {{ tojson(plan) }} */
    {% if plan['months'] -%}
        ({{ month_ranges(column, plan['months'].keys()) }})
    {%- else -%}
        {{ 'true' if plan['complete'] else 'false' }}
    {%- endif %}
{%- endmacro %}

{# The plan that a compiled model was made with. #}
{% macro partition_plan(compiled_code) %}
    {% set found = modules.re.search('partition_plan: (\{.*?\}\}) \*/', compiled_code) %}
    {% if not found %}
        {{ exceptions.raise_compiler_error(
            model['name'] ~ ' has the strategy partition_overwrite but filters no import with '
            ~ 'in_partitions(): see docs/adr/0003-partitions.md'
        ) }}
    {% endif %}
    {{ return(fromjson(found.group(1))) }}
{% endmacro %}

{# Consecutive months are joined into one half-open range. #}
{% macro month_ranges(column, months) -%}
    {%- set ranges = [] -%}
    {%- for month in months | sort -%}
        {%- set first = modules.datetime.date.fromisoformat(month) -%}
        {%- set next = (first + modules.datetime.timedelta(days=31)).replace(day=1) -%}
        {%- if ranges and ranges[-1][1] == first -%}
            {%- do ranges[-1].pop() -%}
            {%- do ranges[-1].append(next) -%}
        {%- else -%}
            {%- do ranges.append([first, next]) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- for range in ranges %}
    ({{ column }} >= cast('{{ range[0] }}' as date) and {{ column }} < cast('{{ range[1] }}' as date))
    {{- ' or' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{% macro date_list(months) -%}
    {%- for month in months -%}
        cast('{{ month }}' as date){{ ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
