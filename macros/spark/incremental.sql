{#
  Partitioned models on Spark: Parquet in one directory per month, of which a build overwrites the
  months of its plan as wholes. What is remembered of them is forgotten first, so that a build which
  dies half way leaves months that the next one builds again, never months that pass for built.
#}
{% materialization incremental, adapter='spark' %}
    {% if not is_partitioned() %}
        {{ return(dbt_spark.materialization_incremental_spark()) }}
    {% endif %}
    {% set existing = load_relation(this) %}
    {% set target_relation = this.incorporate(type='table') %}
    {% set plan = partition_plan(compiled_code) %}

    {{ run_hooks(pre_hooks) }}
    {% if existing is none or existing.is_view or should_full_refresh() %}
        {% do remember_partitions({}) %}
        {% if existing is not none %}
            {% do adapter.drop_relation(existing) %}
        {% endif %}
        {% call statement('main') %}{{ create_table_as(false, target_relation, compiled_code) }}{% endcall %}
    {% elif plan['months'] %}
        {% set fresh = make_temp_relation(this) %}
        {% call statement('fresh') %}{{ create_table_as(true, fresh, compiled_code) }}{% endcall %}
        {% do process_schema_changes(
            incremental_validate_on_schema_change(config.get('on_schema_change'), default='ignore'),
            fresh, existing
        ) %}
        {% do remember_partitions(remembered_partitions(except_for=plan['months'])) %}
        {% do overwrite_months(target_relation, fresh, plan['months']) %}
    {% else %}
        {% call statement('main') %}select 'nothing to do' as overwritten_months{% endcall %}
    {% endif %}
    {% do apply_grants(target_relation, config.get('grants'), should_revoke(existing, should_full_refresh())) %}
    {% do persist_docs(target_relation, model) %}
    {{ run_hooks(post_hooks) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{#
  An overwrite replaces the months that it has rows for. A month whose files are the same afterwards
  had none: all its rows are gone, and so it goes.
#}
{% macro overwrite_months(relation, fresh, months) %}
    {% set before = files_by_month(relation, months) %}
    {% set columns = adapter.get_columns_in_relation(relation) | map(attribute='quoted') | join(', ') %}
    {% call statement('main') %}
        {{ strictly(
            'insert overwrite table ' ~ relation ~ ' partition (partition_month) '
            ~ 'select ' ~ columns ~ ' from (' ~ in_few_files('select * from ' ~ fresh) ~ ')'
        ) }}
    {% endcall %}
    {% set after = files_by_month(relation, months) %}
    {% for month, files in before.items() if after.get(month) == files %}
        {% do run_query(
            'alter table ' ~ relation ~ " drop if exists partition (partition_month = date '" ~ month ~ "')"
        ) %}
    {% endfor %}
{% endmacro %}

{# The names of the files of some months: {first day of the month: [name, ...]}. #}
{% macro files_by_month(relation, months) %}
    {% set found = {} %}
    {% for row in run_query(
        'select partition_month, _metadata.file_name from ' ~ relation
        ~ ' where partition_month in (' ~ date_list(months) ~ ') group by 1, 2 order by 1, 2'
    ).rows %}
        {% do found.setdefault(row[0] | string, []).append(row[1]) %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}

{#
  The column by which Spark lays a table out: the first day of the month of the partition's field. It
  stands last, and no other engine has it.
#}
{% macro with_partition_month(sql) -%}
    select
        month_rows.*,
        {{ month_start('month_rows.' ~ config.get('meta')['partition']['field']) }} as partition_month
    from (
        {{ sql }}
    ) as month_rows
{%- endmacro %}

{#
  A month is written by as few tasks as its size asks for (spark.sql.adaptive.advisoryPartitionSizeInBytes
  each), so it has few files, none of them huge; in the order of its field, which prunes row groups.
#}
{% macro in_few_files(sql) -%}
    select *
    from (
        select /*+ rebalance(partition_month) */ *
        from (
            {{ sql }}
        )
    )
    sort by partition_month, {{ config.get('meta')['partition']['field'] }}
{%- endmacro %}
