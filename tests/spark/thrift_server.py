"""A Spark Thrift server of our own, on a free port of this machine."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib.util import find_spec
from pathlib import Path

from python_loaders.spark.java import find_java

SECONDS = 120
SERVER = "org.apache.spark.sql.hive.thriftserver.HiveThriftServer2"


@contextmanager
def thrift_server(home: Path) -> Iterator[int]:
    """Start a server whose tables and metastore are below a directory; give its port."""
    port = free_port()
    metastore = f"jdbc:derby:;databaseName={home}/metastore;create=true"
    settings = {
        "spark.sql.warehouse.dir": f"{home}/warehouse",
        "spark.hadoop.javax.jdo.option.ConnectionURL": metastore,
        "spark.driver.extraJavaOptions": (
            f"-Dderby.system.durability=test -Dderby.system.home={home} "
            + os.environ.get("CONTRAIL_SPARK_JAVA_OPTIONS", "")
        ),
        "spark.sql.shuffle.partitions": os.environ.get("CONTRAIL_SPARK_SHUFFLE_PARTITIONS", "4"),
        "spark.ui.enabled": "false",
    }
    command = [f"{package()}/bin/spark-submit", "--master", "local[*]", "--class", SERVER]
    for name, value in settings.items():
        command += ["--conf", f"{name}={value}"]
    command += ["spark-internal", "--hiveconf", f"hive.server2.thrift.port={port}"]
    command += ["--hiveconf", "hive.server2.thrift.bind.host=127.0.0.1"]
    surroundings = os.environ | {"JAVA_HOME": str(find_java()), "SPARK_LOCAL_IP": "127.0.0.1"}
    home.mkdir(parents=True)
    with (home / "server.log").open("wb") as log:
        server = subprocess.Popen(command, cwd=home, env=surroundings, stdout=log, stderr=log)
        try:
            wait_for(port, server, home / "server.log")
            yield port
        finally:
            server.terminate()
            server.wait()


def package() -> str:
    """The directory of pyspark, which has Spark's own programs."""
    spec = find_spec("pyspark")
    assert spec
    assert spec.origin
    return str(Path(spec.origin).parent)


def free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        return listening.getsockname()[1]


def wait_for(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            assert server.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
        else:
            return
