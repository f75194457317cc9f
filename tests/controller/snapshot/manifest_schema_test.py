#!/usr/bin/python3
"""Holds docs/manifest.schema.json against manifests, the newest of which has something in every field.

manifest_schema_test.py SCHEMA MANIFEST...    exits 1 if they do not fit

Each manifest must be valid; it must stop being so when any field is taken away or changes its type;
and the schema must know every field by name.
"""
import copy
import json
import sys

import jsonschema

OPTIONAL = {"globals", "networks"}


def places(value, path=()):
    """Every place in the document: objects' members and arrays' elements."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in members:
        yield path + (key,)
        yield from places(member, path + (key,))


def at(document, path):
    for key in path:
        document = document[key]
    return document


def changed(document, path, change):
    copied = copy.deepcopy(document)
    change(at(copied, path[:-1]), path[-1])
    return copied


def free_keyed(path):
    """Below these, keys are anybody's: options, labels, depends_on."""
    return len(path) > 1 and path[-2] in ("options", "labels", "depends_on")


def swap_type(holder, key):
    holder[key] = ["no"] if not isinstance(holder[key], list) else "no"


def complaints_about(manifest, validator):
    complaints = [f"{list(error.path)}: {error.message}" for error in validator.iter_errors(manifest)]
    for path in places(manifest):
        shown = "/".join(map(str, path))
        if validator.is_valid(changed(manifest, path, swap_type)):
            complaints.append(f"{shown}: another type is valid too")
        optional = isinstance(path[-1], int) or path[-1] in OPTIONAL or free_keyed(path)
        if not optional and validator.is_valid(changed(manifest, path, lambda holder, key: holder.pop(key))):
            complaints.append(f"{shown}: not required, or not known")
    for wrong in ("/etc/shadow", "../x", "volumes/../x", "volumes//x", ""):
        manifest["definition"][0]["path"] = wrong
        if validator.is_valid(manifest):
            complaints.append(f"a path {wrong!r} is valid")
    return complaints


def main(schema_path, *manifest_paths):
    with open(schema_path, encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    complaints = []
    for path in manifest_paths:
        with open(path, encoding="utf-8") as file:
            complaints += [f"{path}: {text}" for text in complaints_about(json.load(file), validator)]
    print("\n".join(complaints) or "the schema fits")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
