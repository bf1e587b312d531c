"""Bring a table of MySQL or MariaDB into the inbox."""

import atexit

from python_loaders.contract.fetch_database import MysqlFetch
from python_loaders.contract.model import Table
from python_loaders.fetch.database.address import Address, find_address
from python_loaders.fetch.database.extract import extract
from python_loaders.fetch.database.mysql import MysqlDatabase
from python_loaders.fetch.inbox import Fetched, Inbox

_databases: dict[Address, MysqlDatabase] = {}


def fetch_mysql(spec: MysqlFetch, table: Table, inbox: Inbox) -> list[Fetched]:
    """Read the table as a whole, or its next window.

    Tables with the same address share the connection.

    Raises:
        ContractError: the table does not keep the contract, or the cursor was set back.
        ContrailError: a secret is missing, or the database failed.
    """
    address = find_address(spec)
    if address not in _databases:
        _databases[address] = MysqlDatabase(address)
        atexit.register(_databases[address].close)
    return extract(_databases[address], spec, table, inbox)
