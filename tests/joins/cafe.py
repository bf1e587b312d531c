"""A small shop's models as dbt's manifest has them, of the shape that tutorials teach."""

from typing import Any

# Columns of the staging models; those before the bar tell the rows apart.
TABLES = {
    "stg_customers": "customer_id | customer_name, first_store_id",
    "stg_orders": "order_id | customer_id, store_id, ordered_on, order_total, tax_paid",
    "stg_order_items": "order_item_id | order_id, product_id",
    "stg_products": "product_id | product_name, product_type, product_price",
    "stg_supplies": "supply_id, product_id | supply_name, supply_cost, is_perishable",
    "stg_payments": "payment_id | order_id, method, amount",
    "stg_stores": "store_id | store_name, opened_on",
    "dim_price": "price_key | product_id, price, valid_from, valid_to, is_current",
}
VERSIONS = {"dim_price": "product_id"}


def _id(name: str) -> str:
    return f"model.cafe.{name}"


def _test(of: str, name: str, kwargs: dict[str, Any], where: str | None = None) -> dict[str, Any]:
    return {
        "resource_type": "test",
        "name": f"{name}_{of}",
        "attached_node": _id(of),
        "test_metadata": {"name": name, "kwargs": kwargs},
        "config": {"where": where},
    }


def _model(name: str, sql: str, columns: list[str], materialized: str = "view") -> dict[str, Any]:
    return {
        "resource_type": "model",
        "name": name,
        "alias": name,
        "schema": "cafe",
        "package_name": "cafe",
        "original_file_path": f"models/{name}.sql",
        "columns": {column: {} for column in columns},
        "config": {"materialized": materialized},
        "compiled_code": sql,
    }


def manifest(sql: str, adapter: str = "duckdb", extra: dict[str, str] | None = None) -> dict:
    """The manifest of the shop with one model more, `new_model`, and its upstream ones."""
    nodes = {}
    for name, columns in TABLES.items():
        keys, _, others = columns.partition(" | ")
        key = keys.split(", ")
        names = [*key, *others.split(", ")]
        source = f"select {', '.join(names)} from raw.{name}"
        nodes[_id(name)] = _model(name, source, names)
        if len(key) == 1:
            test = _test(name, "unique", {"column_name": key[0]})
        else:
            # as the package dbt_utils calls it
            test = _test(name, "unique_combination_of_columns", {"combination_of_columns": key})
        nodes[test["name"]] = test
    for name, code in VERSIONS.items():
        test = _test(name, "gapless_versions", {"code": code}, where=f"{code} is not null")
        nodes[test["name"]] = test
    for name, code in {**(extra or {}), "new_model": sql}.items():
        nodes[_id(name)] = _model(name, code, [])
    metadata = {"adapter_type": adapter, "project_name": "cafe"}
    return {"metadata": metadata, "nodes": nodes, "sources": {}}
