"""What a snapshot knows of the stack's networks."""
import uuid

import pytest

from stack import SMALL, run

MORE = """
networks:
  default: {internal: true, driver_opts: {com.docker.network.driver.mtu: "1400"}}
  edge: {external: true, name: EDGE}
"""


@pytest.fixture
def edge(host):
    """A network that others made."""
    name = "edge-" + uuid.uuid4().hex[:8]
    words = ["docker", "--host", host, "network"]
    run(*words, "create", "--internal", "--label", "owner=proxy team", "--subnet", "192.0.2.192/27", "--gateway",
        "192.0.2.193", name)
    yield name
    run(*words, "rm", name, check=False)


def test_networks_of_the_project_and_of_others_are_recorded(stacks, host, edge, tmp_path):
    text = SMALL.read_text().replace("  reader:\n", "  reader:\n    networks: [default, edge]\n")
    (tmp_path / "networked.yml").write_text(text + MORE.replace("EDGE", edge))
    stack = stacks(host, compose_file=tmp_path / "networked.yml").up("reader", "cofferdam")

    stack.create("networked")

    own, other = sorted(stack.manifest("networked")["networks"], key=lambda network: network["external"])
    assert (own["key"], own["name"]) == ("default", f"{stack.project}_default")
    assert own["internal"] and own["driver"] == "bridge"
    assert own["options"] == {"com.docker.network.driver.mtu": "1400"}
    assert own["services"] == ["cofferdam", "db", "files", "reader"]
    assert len(own["pools"]) == 1
    assert (other["key"], other["name"], other["services"]) == (edge, edge, ["reader"])
    assert other["labels"] == {"owner": "proxy team"}
    assert other["pools"] == [{"subnet": "192.0.2.192/27", "gateway": "192.0.2.193", "ip_range": ""}]
    assert f"default, {edge} (external)" in stack.cofferdam("show", "networked").stdout

    # By hand, on a host that has no such network: as RECOVERY.txt says.
    line = next(line for line in (stack.backups / "networked/RECOVERY.txt").read_text().splitlines()
                if line.startswith("    docker network"))
    stack.destroy()
    stack.docker("network", "rm", edge)
    run("bash", "-euc", line, env=stack.environment())
    assert stack.docker("network", "inspect", "--format", "{{.Internal}} {{(index .IPAM.Config 0).Gateway}}",
                        edge).stdout.strip() == "true 192.0.2.193"
