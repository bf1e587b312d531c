{#
  PostgreSQL: a partitioned model is a declaratively partitioned table, one child per month. The
  children live in a schema of their own, <schema>_parts, out of the way of dbt's cache and of people
  who browse tables. dbt itself only ever sees the parent (docs/adr/0008).
#}

{% macro is_partitioned() -%}
    {{ return(config.get('incremental_strategy') == 'partition_overwrite') }}
{%- endmacro %}

{% macro parts_schema(relation) -%}
    {{ return(relation.schema ~ '_parts') }}
{%- endmacro %}

{# Before the first model: two that are built side by side must not both make the schema. #}
{% macro create_parts_schemas() %}
    {{ return(adapter.dispatch('create_parts_schemas', 'contrail')()) }}
{% endmacro %}

{% macro default__create_parts_schemas() %}
{% endmacro %}

{% macro postgres__create_parts_schemas() %}
    {% for node in graph['nodes'].values()
        if node['config'].get('incremental_strategy') == 'partition_overwrite' %}
        {% do adapter.create_schema(api.Relation.create(
            database=node['database'], schema=parts_schema(node)
        )) %}
    {% endfor %}
{% endmacro %}

{# Names of children begin with it; they may have 63 letters. #}
{% macro child_prefix(relation) -%}
    {% set name = relation.identifier %}
    {{ return(name if name | length <= 36 else name[:27] ~ '_' ~ local_md5(name)[:8]) }}
{%- endmacro %}

{#
  A new name for the child of a month: tables swap places, so no two may share one. The digits are
  those of the moment of the build.
#}
{% macro new_child(relation, month) -%}
    {% set moment = modules.datetime.datetime.now(modules.pytz.utc).strftime('%y%m%d%H%M%S%f') %}
    {{ return(api.Relation.create(
        database=relation.database,
        schema=parts_schema(relation),
        identifier=child_prefix(this) ~ '_' ~ month[:4] ~ month[5:7] ~ '_' ~ moment[:14],
        type='table'
    )) }}
{%- endmacro %}

{# [first day, first day of the next month) of a month, as literals. #}
{% macro month_bounds(month) -%}
    {%- set first = modules.datetime.date.fromisoformat(month) -%}
    {%- set next = (first + modules.datetime.timedelta(days=31)).replace(day=1) -%}
    {{ return([first | string, next | string]) }}
{%- endmacro %}

{# The children that a partitioned table has now: {first day of the month: relation}. #}
{% macro children_by_month(relation) %}
    {% set found = {} %}
    {% for row in run_query(
        "select n.nspname, c.relname, substring(pg_get_expr(c.relpartbound, c.oid) from '[0-9]{4}-[0-9]{2}-[0-9]{2}') "
        ~ "from pg_inherits as i inner join pg_class as c on i.inhrelid = c.oid "
        ~ "inner join pg_namespace as n on c.relnamespace = n.oid "
        ~ "where i.inhparent = '" ~ relation ~ "'::regclass"
    ).rows %}
        {% do found.update({row[2]: api.Relation.create(
            database=relation.database, schema=row[0], identifier=row[1], type='table'
        )}) %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}


{# First build and full refresh: the parent, a child for every month of the plan, then the rows. #}
{% macro postgres__create_table_as(temporary, relation, sql) -%}
    {%- if temporary or not is_partitioned() -%}
        {{ return(dbt.postgres__create_table_as(temporary, relation, sql)) }}
    {%- endif -%}
    {%- set field = adapter.quote(config.get('meta')['partition']['field']) -%}
    {%- set columns = get_columns_in_query(sql) | join(', ') -%}
    {%- if config.get('contract').enforced -%}
        {{ get_assert_columns_equivalent(sql) }}
    create table {{ relation }} {{ get_table_columns_and_constraints() }} partition by range ({{ field }});
    {%- else -%}
        {%- set shape = adapter.quote(relation.identifier ~ '__shape') %}
    create temporary table {{ shape }} as (
        {{ sql }}
    ) with no data;
    create table {{ relation }} (like {{ shape }}) partition by range ({{ field }});
    drop table {{ shape }};
    {%- endif %}
    alter table {{ relation }} alter column {{ field }} set not null;
    {%- for month in partition_plan(sql)['months'] %}
    {%- set bounds = month_bounds(month) %}
    create table {{ new_child(relation, month) }} partition of {{ relation }}
    for values from ('{{ bounds[0] }}') to ('{{ bounds[1] }}');
    {%- endfor %}
    insert into {{ relation }} ({{ columns }})
    select {{ columns }}
    from (
        {{ sql }}
    ) as model_rows;
{%- endmacro %}

{#
  Statistics from a sample of 7,500 rows a table: of 30,000, PostgreSQL's default, they would take as
  long as filling a month and all its indexes. Autovacuum looks closer at the months later; it
  never looks at a partitioned table as a whole, so that is done here: without it, plans that join
  all months are guesses.
#}
{% macro analyze_sql(relation, only='') -%}
    set local default_statistics_target = 25;
    analyze {{ only }} {{ relation }};
    set local default_statistics_target to default
{%- endmacro %}

{# Whether the statistics of a partitioned table can be made without those of its months. #}
{% macro only_the_parent() -%}
    {% set version = run_query("select current_setting('server_version_num')::int").rows[0][0] %}
    {{ return('only' if version >= 180000 else '') }}
{%- endmacro %}


{#
  Incremental build, in two steps. First, for each month of the plan, a new child is filled beside the
  table, checked, indexed, given the table's foreign keys, and analysed; nobody waits for that. Then
  each month takes its place in a transaction of its own that lasts milliseconds: readers see the old
  month or the new one. The same transaction notes in partition_state what the month was built from.
  A build that ends in between leaves children that belong to nobody; the next one drops them, and
  builds the months that have not taken their place.

  The dimensions are locked, too, because PostgreSQL moves the triggers of the foreign keys, which
  stand on the tables they refer to. The old child loses its foreign keys with its place, and is
  dropped afterwards: to drop a file is to wait for the disk, and nobody should wait along.
#}
{% macro postgres__partition_overwrite(arguments) %}
    {% set plan = partition_plan(model['compiled_code']) %}
    {% set target = arguments['target_relation'] %}
    {% set field = config.get('meta')['partition']['field'] %}
    {% set columns = get_quoted_csv(arguments['dest_columns'] | map(attribute='name')) %}
    {% do wait_for_other_builds(target) %}
    {% set old = children_by_month(target) %}
    {% set keys = foreign_keys_on(target) %}
    {% set months = plan['months'] %}
    {% if plan['complete'] %}
        {% for month in old if month not in months %}
            {% do months.update({month: none}) %}
        {% endfor %}
    {% endif %}
    {% set swaps = [] %}
    {% for month, signature in months.items() | sort %}
        {% set bounds = month_bounds(month) %}
        {% set new = none %}
        {% if signature is not none %}
            {% set new = new_child(target, month) %}
            {% set in_month = adapter.quote(field) ~ " >= '" ~ bounds[0] ~ "' and "
                ~ adapter.quote(field) ~ " < '" ~ bounds[1] ~ "'" %}
            create table {{ new }} (like {{ target }} including defaults including constraints);
            insert into {{ new }} ({{ columns }})
            select {{ columns }}
            from {{ arguments['temp_relation'] }}
            where {{ in_month }}
            order by {{ adapter.quote(field) }};
            alter table {{ new }} add constraint bounds check ({{ in_month }});
            {% for index in wanted_indexes() %}
            {{ create_index_sql(new, index) }};
            {% endfor %}
            {% for key in keys %}
            alter table {{ new }} add constraint {{ adapter.quote(key['name']) }} {{ key['definition'] }};
            {% endfor %}
            {{ analyze_sql(new) }};
        {% endif %}
        {% do swaps.append({
            'month': month, 'signature': signature, 'old': old.get(month), 'new': new, 'bounds': bounds
        }) %}
    {% endfor %}
    {% set referred = keys | map(attribute='to') | unique | sort %}
    {% for orphan in children_of_nobody(target) %}
    commit;
    begin;
    {% call patiently(referred + [orphan]) %} drop table {{ orphan }}; {% endcall %};
    {% endfor %}
    {% for swap in swaps if swap.old or swap.new %}
    commit;
    begin;
    {% call patiently(referred + [target] + ([swap.old] if swap.old else [])) %}
            {%- if swap.old %}
            alter table {{ target }} detach partition {{ swap.old }};
            {%- for key in keys %}
            {{ 'alter table ' ~ swap.old if loop.first }}
            drop constraint if exists {{ adapter.quote(key['name']) }}{{ ';' if loop.last else ',' }}
            {%- endfor %}
            {%- endif %}
            {%- if swap.new %}
            alter table {{ target }} attach partition {{ swap.new }}
            for values from ('{{ swap.bounds[0] }}') to ('{{ swap.bounds[1] }}');
            alter table {{ swap.new }} drop constraint bounds;
            {%- endif %}
    {% endcall %};
    {{ record_months({swap.month: swap.signature}) }};
    commit;
    begin;
    {% if swap.old %}
    drop table {{ swap.old }};
    {% endif %}
    {% endfor %}
    commit;
    begin;
    {% if plan['complete'] or swaps | rejectattr('old') | list %}
    {{ analyze_sql(target, only_the_parent()) }};
    {% endif %}
    select {{ swaps | length }} as replaced_months
{% endmacro %}

{#
  Builds of one table go one after the other: one that was killed may still be at work in the server,
  which does not notice. The lock is given back with the connection, at the end of the model.
#}
{% macro wait_for_other_builds(relation) %}
    {% set key = "hashtextextended('" ~ partition_owner(relation) ~ "', 0)" %}
    {% if not run_query('select pg_try_advisory_lock(' ~ key ~ ')').rows[0][0] %}
        {% do log(relation.identifier ~ ': waits for another build of it', info=true) %}
        {# Without the locks on what the model reads, for which the other build may be waiting. #}
        {% do run_query('commit; begin; select pg_advisory_lock(' ~ key ~ ')') %}
    {% endif %}
{% endmacro %}

{# Children of a table that were built and never took their place. #}
{% macro children_of_nobody(relation) %}
    {% set found = [] %}
    {% for row in run_query(
        "select c.relname from pg_class as c inner join pg_namespace as n on c.relnamespace = n.oid "
        ~ "where n.nspname = '" ~ parts_schema(relation) ~ "' and c.relkind = 'r' and not c.relispartition "
        ~ "and c.relname ~ '^" ~ child_prefix(relation) ~ "_[0-9]{6}_[0-9]{14}$'"
    ).rows %}
        {% do found.append(api.Relation.create(
            database=relation.database, schema=parts_schema(relation), identifier=row[0], type='table'
        )) %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}
