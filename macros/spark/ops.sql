{# Runs are remembered on Spark, too, but for what Parquet cannot do: no row is ever forgotten there. #}
{% macro spark__ops_shape(schema, names) %}
    {% set found = {} %}
    {# Asked for the columns of what is not there, Spark prints a stack of Java. #}
    {% set present = [] %}
    {% if run_query("show schemas like '" ~ schema ~ "'").rows %}
        {% do present.extend(run_query('show tables in ' ~ schema).columns[1].values()) %}
    {% endif %}
    {% for name in names if name in present %}
        {% set columns = {} %}
        {% for column in adapter.get_columns_in_relation(api.Relation.create(schema=schema, identifier=name)) %}
            {% do columns.update({column.name: 'text' if column.dtype == 'string' else column.dtype}) %}
        {% endfor %}
        {% if columns %}
            {% do found.update({name: {'columns': columns, 'is_view': false, 'is_constrained': false}}) %}
        {% endif %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}

{% macro spark__prepare_ops_tables() %}
    {% for change in ops_changes() %}
        {% do run_query(change) %}
    {% endfor %}
    {{ return(true) }}
{% endmacro %}

{# A backslash of JSON is one more in a literal. Quotes are doubled already. #}
{% macro spark__rows_of_json(json, columns) -%}
    {%- set kinds = [] -%}
    {%- for column, kind in columns.items() -%}
        {%- do kinds.append(column ~ ': ' ~ ops_type(kind)) -%}
    {%- endfor -%}
    (select inline(from_json('{{ json | replace('\\', '\\\\') }}', 'array<struct<{{ kinds | join(', ') }}>>')))
{%- endmacro %}

{% macro spark__execute_together(statements) %}
    {% for statement in statements if not statement.startswith('delete ') %}
        {% do run_query(statement) %}
    {% endfor %}
{% endmacro %}
