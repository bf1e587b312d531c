{#
  A statement under the settings that a result depends on, whatever those of the session are: a bad
  cast or an overflow is an error, as on the other engines, and an overwrite replaces the partitions
  that it has rows for and no others. dbt-spark turns the first one off before each statement, so
  they are set in one script with the statement. A view keeps the setting that it was made under.
#}
{% macro strictly(sql) -%}
begin
    execute immediate 'set spark.sql.ansi.enabled = true';
    execute immediate 'set spark.sql.sources.partitionOverwriteMode = dynamic';
    {{ sql }}
    ;
end
{%- endmacro %}
