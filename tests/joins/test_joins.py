"""Joins that repeat rows are found; joins by a key, however it is come by, are left in peace."""

import json
from pathlib import Path

import pytest
from cafe import manifest
from typer.testing import CliRunner

from python_loaders.cli import app
from python_loaders.joins.check import check

REPEATING = {
    "by a part of the key": """
        select * from cafe.stg_products as p
        left join cafe.stg_supplies as s on p.product_id = s.product_id""",
    "items to orders the wrong way round": """
        with orders as (select * from cafe.stg_orders),
        items as (select * from cafe.stg_order_items)
        select orders.order_id, orders.order_total, items.product_id
        from orders left join items using (order_id)""",
    "two one-to-many joins side by side": """
        select o.order_id, sum(p.amount), count(i.order_item_id)
        from cafe.stg_orders as o
        left join cafe.stg_payments as p on o.order_id = p.order_id
        left join cafe.stg_order_items as i on o.order_id = i.order_id
        group by 1""",
    "grouped finer than it is joined": """
        with daily as (
            select store_id, ordered_on, count(*) as orders
            from cafe.stg_orders group by store_id, ordered_on
        )
        select * from cafe.stg_stores as s left join daily on s.store_id = daily.store_id""",
    "numbered, but not filtered": """
        with numbered as (
            select *, row_number() over (partition by customer_id order by ordered_on) as n
            from cafe.stg_orders
        )
        select * from cafe.stg_customers as c
        left join numbered on c.customer_id = numbered.customer_id""",
    "numbered within another group": """
        with numbered as (
            select *, row_number() over (
                partition by customer_id, store_id order by ordered_on
            ) as n
            from cafe.stg_orders
        )
        select * from cafe.stg_customers as c
        left join numbered on c.customer_id = numbered.customer_id and numbered.n = 1""",
    "ranked: equal rows share the first rank": """
        with ranked as (
            select *, rank() over (partition by customer_id order by ordered_on) as n
            from cafe.stg_orders
        )
        select * from cafe.stg_customers as c
        left join ranked on c.customer_id = ranked.customer_id and ranked.n = 1""",
    "versions without a day": """
        select * from cafe.stg_order_items as i
        inner join cafe.dim_price as d on i.product_id = d.product_id""",
    "versions with a day in one bound only": """
        select * from cafe.stg_orders as o
        inner join cafe.stg_order_items as i on o.order_id = i.order_id and i.order_item_id = 1
        inner join cafe.dim_price as d
            on i.product_id = d.product_id and o.ordered_on >= d.valid_from""",
    "between takes two versions on the day of a change": """
        select * from cafe.stg_order_items as i
        inner join cafe.stg_orders as o on i.order_id = o.order_id
        inner join cafe.dim_price as d
            on i.product_id = d.product_id and o.ordered_on between d.valid_from and d.valid_to""",
    "two different days": """
        select * from cafe.stg_order_items as i
        inner join cafe.stg_orders as o on i.order_id = o.order_id
        inner join cafe.stg_stores as s on o.store_id = s.store_id
        inner join cafe.dim_price as d
            on i.product_id = d.product_id
            and o.ordered_on >= d.valid_from and s.opened_on < d.valid_to""",
    "or instead of and": """
        select * from cafe.stg_orders as o
        left join cafe.stg_customers as c
            on o.customer_id = c.customer_id or o.store_id = c.first_store_id""",
    "key through a function": """
        select * from cafe.stg_orders as o
        left join cafe.stg_customers as c on o.customer_id = abs(c.customer_id)""",
    "the condition forgotten": "select * from cafe.stg_orders as o cross join cafe.stg_stores as s",
    "comma, the condition forgotten": "select * from cafe.stg_orders as o, cafe.stg_stores as s",
    "a condition between the sides' own columns": """
        select * from cafe.stg_orders as o
        left join cafe.stg_stores as s on s.store_id = s.store_id""",
    "union of two lists with one key": """
        with names as (
            select customer_id, customer_name from cafe.stg_customers
            union all
            select customer_id, customer_name from cafe.stg_customers
        )
        select * from cafe.stg_orders as o
        left join names on o.customer_id = names.customer_id""",
    "repeated in a CTE before": """
        with baskets as (
            select o.order_id, i.product_id from cafe.stg_orders as o
            -- fan-out: one row per item
            left join cafe.stg_order_items as i on o.order_id = i.order_id
        )
        select * from cafe.stg_payments as p left join baskets on p.order_id = baskets.order_id""",
    "in a subquery": """
        select *, (
            select sum(p.amount) from cafe.stg_orders as o
            inner join cafe.stg_payments as p on o.store_id = p.order_id
        ) as paid from cafe.stg_stores""",
    "right join that repeats the kept side": """
        select * from cafe.stg_supplies as s
        right join cafe.stg_products as p on p.product_id = s.product_id""",
    "full join, the left side repeated": """
        select * from cafe.stg_order_items as i
        full outer join cafe.stg_orders as o on i.order_id = o.order_id""",
    "elements of a list": """
        select * from cafe.stg_orders as o cross join unnest([1, 2]) as u (n)""",
    "a key declared nowhere": """
        select * from cafe.stg_orders as o
        left join raw.discounts as d on o.order_id = d.order_id""",
    "a comment without a reason": """
        select * from cafe.stg_orders as o
        -- fan-out:
        cross join cafe.stg_stores as s""",
}

SAFE = {
    "order items with everything": """
        with order_items as (select * from cafe.stg_order_items),
        orders as (select * from cafe.stg_orders),
        products as (select * from cafe.stg_products),
        supplies as (select * from cafe.stg_supplies),
        order_supplies_summary as (
            select product_id, sum(supply_cost) as supply_cost from supplies group by 1
        ),
        joined as (
            select
                order_items.*, orders.ordered_on, products.product_name,
                order_supplies_summary.supply_cost
            from order_items
            left join orders on order_items.order_id = orders.order_id
            left join products on order_items.product_id = products.product_id
            left join order_supplies_summary
                on order_items.product_id = order_supplies_summary.product_id
        )
        select * from joined""",
    "customers with what they ordered": """
        with customers as (select * from cafe.stg_customers),
        orders as (select * from cafe.stg_orders),
        customer_orders_summary as (
            select orders.customer_id, count(distinct orders.order_id) as lifetime_orders
            from orders group by 1
        ),
        joined as (
            select customers.*, customer_orders_summary.lifetime_orders
            from customers
            left join customer_orders_summary
                on customers.customer_id = customer_orders_summary.customer_id
        )
        select * from joined""",
    "payments by customer, through orders": """
        with customer_payments as (
            select orders.customer_id, sum(amount) as total_amount
            from cafe.stg_payments as payments
            left join cafe.stg_orders as orders on payments.order_id = orders.order_id
            group by orders.customer_id
        )
        select * from cafe.stg_customers as customers
        left join customer_payments using (customer_id)""",
    "the model before keeps its key": """
        select * from cafe.stg_payments as p left join cafe.wide on p.order_id = wide.order_id""",
    "first order of a customer": """
        with numbered as (
            select *, row_number() over (partition by customer_id order by ordered_on) as n
            from cafe.stg_orders
        ),
        first_orders as (select * from numbered where n = 1)
        select * from cafe.stg_customers as c
        left join first_orders on c.customer_id = first_orders.customer_id""",
    "numbered, the number in the condition": """
        with numbered as (
            select *, row_number() over (partition by customer_id order by ordered_on) as n
            from cafe.stg_orders
        )
        select * from cafe.stg_customers as c
        left join numbered on c.customer_id = numbered.customer_id and numbered.n = 1""",
    "qualify": """
        with first_orders as (
            select * from cafe.stg_orders
            qualify row_number() over (partition by customer_id order by ordered_on) = 1
        )
        select * from cafe.stg_customers as c
        left join first_orders on c.customer_id = first_orders.customer_id""",
    "qualify by name": """
        with first_orders as (
            select
                customer_id as who,
                row_number() over (partition by customer_id order by ordered_on) as n
            from cafe.stg_orders
            qualify n = 1
        )
        select * from cafe.stg_customers as c
        left join first_orders on c.customer_id = first_orders.who""",
    "a part of the key pinned by a filter": """
        with milk as (select * from cafe.stg_supplies where supply_id = 7)
        select * from cafe.stg_products as p left join milk on p.product_id = milk.product_id""",
    "a part of the key pinned by the condition": """
        select * from cafe.stg_products as p
        left join cafe.stg_supplies as s on p.product_id = s.product_id and s.supply_id = 7""",
    "the key under another name": """
        with shops as (select store_id as shop, store_name from cafe.stg_stores)
        select * from cafe.stg_orders as o left join shops on shops.shop = o.store_id""",
    "the key as text": """
        select * from cafe.stg_orders as o
        left join cafe.stg_stores as s on cast(o.store_id as text) = cast(s.store_id as text)""",
    "grouped by an expression": """
        with months as (
            select date_trunc('month', ordered_on) as month, count(*) as orders
            from cafe.stg_orders group by date_trunc('month', ordered_on)
        )
        select * from cafe.stg_orders as o
        left join months on date_trunc('month', o.ordered_on) = months.month""",
    "group by all": """
        with totals as (select order_id, sum(amount) as paid from cafe.stg_payments group by all)
        select * from cafe.stg_orders as o left join totals on o.order_id = totals.order_id""",
    "distinct": """
        with buyers as (select distinct customer_id from cafe.stg_orders)
        select * from cafe.stg_customers as c left join buyers using (customer_id)""",
    "distinct on": """
        with latest as (
            select distinct on (customer_id) customer_id, order_id
            from cafe.stg_orders order by customer_id, ordered_on desc
        )
        select * from cafe.stg_customers as c
        left join latest on c.customer_id = latest.customer_id""",
    "one row of totals": """
        with totals as (select sum(order_total) as total from cafe.stg_orders)
        select order_total / total from cafe.stg_orders cross join totals""",
    "one row of constants": "select * from cafe.stg_orders cross join (select 1 as rate) as r",
    "comma with its condition": """
        select * from cafe.stg_orders as o, cafe.stg_customers as c
        where o.customer_id = c.customer_id""",
    "the price of the day": """
        select * from cafe.stg_order_items as i
        inner join cafe.stg_orders as o on i.order_id = o.order_id
        left join cafe.dim_price as d
            on i.product_id = d.product_id
            and o.ordered_on >= d.valid_from and d.valid_to > o.ordered_on""",
    "the price of the day, through CTEs": """
        with prices as (select * from cafe.dim_price),
        renamed as (
            select product_id as product, price, valid_from as since, valid_to as until, is_current
            from prices
        ),
        sold as (select i.*, o.ordered_on from cafe.stg_order_items as i
            inner join cafe.stg_orders as o on i.order_id = o.order_id)
        select * from sold
        left join renamed
            on sold.product_id = renamed.product
            and sold.ordered_on >= renamed.since and sold.ordered_on < renamed.until""",
    "the price of now": """
        select * from cafe.stg_products as p
        left join cafe.dim_price as d on p.product_id = d.product_id and d.is_current""",
    "the price of now, filtered before": """
        with prices as (select * from cafe.dim_price where is_current)
        select * from cafe.stg_products as p
        left join prices on p.product_id = prices.product_id""",
    "those without an order": """
        select c.* from cafe.stg_customers as c
        left join cafe.stg_orders as o on c.customer_id = o.customer_id
        where o.customer_id is null""",
    "semi join": """
        select * from cafe.stg_customers as c
        semi join cafe.stg_orders as o on c.customer_id = o.customer_id""",
    "exists": """
        select * from cafe.stg_customers as c where exists (
            select 1 from cafe.stg_orders as o cross join cafe.stg_stores as s
            where o.customer_id = c.customer_id
        )""",
    "two lists told apart by a constant": """
        with numbers as (
            select 'orders' as what, store_id, count(*) as n from cafe.stg_orders group by 1, 2
            union all
            select 'customers' as what, first_store_id, count(*)
            from cafe.stg_customers group by 1, 2
        )
        select * from cafe.stg_stores as s
        left join numbers on s.store_id = numbers.store_id and numbers.what = 'orders'""",
    "meant, with a reason": """
        select * from cafe.stg_stores as s
        -- fan-out: one row per store and order
        left join cafe.stg_orders as o on s.store_id = o.store_id""",
    "full join of two lists by their key": """
        with a as (select order_id, sum(amount) as paid from cafe.stg_payments group by order_id)
        select * from a full outer join cafe.stg_orders as o on a.order_id = o.order_id""",
    "right join to the many": """
        select * from cafe.stg_orders as o
        right join cafe.stg_payments as p on o.order_id = p.order_id""",
}
UPSTREAM = {
    "wide": """
        with orders as (select * from cafe.stg_orders),
        customers as (select * from cafe.stg_customers)
        select orders.*, customers.customer_name
        from orders left join customers on orders.customer_id = customers.customer_id"""
}


def _problems(sql: str, adapter: str = "duckdb") -> list[str]:
    joins = check(manifest(sql, adapter, UPSTREAM))
    return [join.problem for join in joins if join.problem and join.model == "new_model"]


@pytest.mark.parametrize("case", REPEATING)
def test_a_join_that_repeats_rows_is_found(case: str) -> None:
    assert _problems(REPEATING[case]), case


@pytest.mark.parametrize("case", SAFE)
def test_a_join_by_a_key_is_left_in_peace(case: str) -> None:
    assert not _problems(SAFE[case]), case


def test_a_comment_that_is_not_needed_is_found() -> None:
    sql = """
        select * from cafe.stg_orders as o
        -- fan-out: one row per store
        left join cafe.stg_stores as s on o.store_id = s.store_id"""
    assert "take the comment away" in _problems(sql)[0]


def test_the_dialect_is_that_of_the_project() -> None:
    sql = """
        select o.order_id, s.store_name from cafe.stg_orders as o
        left join lateral (select store_name from cafe.stg_stores limit 1) as s on true
        where o.ordered_on::timestamptz at time zone 'UTC' > now() - interval '1 day'"""
    assert not _problems(sql, "postgres")


def test_a_conditional_test_declares_no_key() -> None:
    known = manifest(SAFE["the key under another name"])
    test = next(n for n in known["nodes"].values() if n["name"] == "unique_stg_stores")
    test["config"]["where"] = "opened_on is not null"
    assert any(join.problem for join in check(known))


def test_constraints_and_the_grain_declare_keys() -> None:
    sql = "select * from cafe.stg_orders as o left join cafe.codes as c on o.store_id = c.code"
    known = manifest(sql, extra={"codes": "select code, note from raw.codes"})
    assert any(join.problem for join in check(known))
    codes = known["nodes"]["model.cafe.codes"]
    declared = (
        {"constraints": [{"type": "primary_key", "columns": ["code"]}]},
        {"columns": {"code": {"constraints": [{"type": "unique"}]}}},
        {"config": {"materialized": "view", "meta": {"grain": ["code"]}}},
    )
    for declaration in declared:
        before = {name: codes.get(name) for name in declaration}
        codes.update(declaration)
        assert not any(join.problem for join in check(known)), declaration
        codes.update(before)


def test_the_command_names_model_join_key_and_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps(manifest(REPEATING["by a part of the key"])))
    result = CliRunner().invoke(app, ["joins", "--manifest", str(path), "--all"])
    assert result.exit_code == 1, result.output
    for words in (
        "models/new_model.sql: new_model: left join stg_supplies as s: may repeat rows",
        "joined on (product_id)",
        "unique by (product_id, supply_id)",
        "-- fan-out: <why>",
        "1 join: 1 to look at",
    ):
        assert words in result.output, result.output
    result = CliRunner().invoke(app, ["joins", "--manifest", str(path), "stg_order"])
    assert result.exit_code == 2
    assert "Did you mean 'stg_orders'?" in result.output
