"""One table's rows, into the live database, while everybody goes on."""
import json


def sell(stack):
    """Three makers, six items that refer to them."""
    stack.sql("CREATE TABLE maker (id int PRIMARY KEY, name text); "
              "CREATE TABLE item (id serial PRIMARY KEY, maker int REFERENCES maker, name text); "
              "INSERT INTO maker SELECT n, 'maker ' || n FROM generate_series(1, 3) n; "
              "INSERT INTO item (maker, name) SELECT 1 + n % 3, 'item ' || n FROM generate_series(1, 6) n")


def rows(stack, table):
    return stack.sql(f"SELECT string_agg(t::text, ';' ORDER BY id) FROM {table} t")


def test_one_table_comes_back_and_nothing_else(small):
    sell(small)
    small.create("shelf")
    before = rows(small, "item")
    small.sql("UPDATE item SET name = 'spoilt'; INSERT INTO maker VALUES (4, 'since'); DELETE FROM thing")
    started = {service: small.inspect(service)["State"]["StartedAt"] for service in ("db", "files", "reader")}

    shown = small.cofferdam("restore", "shelf", "--table", "public.item", "--dry-run").stdout
    document = json.loads(small.cofferdam("restore", "shelf", "--table", "public.item", "--dry-run", "--json").stdout)
    assert "the rows of table public.item replaced" in shown and "lost for good" in shown
    assert [one["table"] for one in document["databases"]] == ["public.item"]
    assert document["volumes"] == [] and document["stops"] == []
    assert "spoilt" in rows(small, "item"), "a dry run does nothing"

    done = small.cofferdam("restore", "shelf", "--table", "public.item", "--plan", document["hash"], "--json").stdout
    summary = json.loads(done.splitlines()[-1])
    assert summary["table"] == {"service": "db", "database": "openmapx", "schema": "public", "name": "item",
                                "rows": 6, "rows_before": 6}
    assert rows(small, "item") == before
    assert "since" in rows(small, "maker"), "other tables keep what was written since"
    assert small.sql("SELECT count(*) FROM thing") == "0"
    assert {service: small.inspect(service)["State"]["StartedAt"] for service in started} == started
    assert json.loads(small.cofferdam("points", "--json").stdout) == []
    assert small.helpers() == []


def test_rows_that_others_refer_to_stay(small):
    sell(small)
    small.create("shelf")
    small.sql("INSERT INTO maker VALUES (4, 'since'); INSERT INTO item (maker, name) VALUES (4, 'new')")
    before = rows(small, "maker"), rows(small, "item")

    done = small.cofferdam("restore", "shelf", "--table", "public.maker", "--yes", check=False)

    assert done.returncode == 4, done.stderr
    assert "1 rows of item would refer to nothing in maker" in done.stderr.replace("public.", ""), done.stderr
    assert "nothing was changed" in done.stderr
    assert (rows(small, "maker"), rows(small, "item")) == before


def test_a_table_is_named_with_its_schema(small):
    small.create("shelf")
    unknown = small.cofferdam("restore", "shelf", "--table", "thing", "--yes", check=False)
    assert unknown.returncode == 2 and "SCHEMA.TABLE" in unknown.stderr
    mixed = small.cofferdam("restore", "shelf", "--table", "public.thing", "--volume", "files", check=False)
    assert mixed.returncode == 2 and "--database" in mixed.stderr
