{# The columns that the loader adds to every row, kept from the source to the fact. #}
{% macro audit_columns() -%}
    _batch_id,
        _seq,
        _delivery_key,
        _source_file,
        _source_row,
        _landed_at
{%- endmacro %}
