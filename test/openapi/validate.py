"""Holds JSON against JSON Schema 2020-12; prints a line for each thing that is not as expected.

    validate.py document SCHEMA DOCUMENT...   OpenAPI 3.1 documents, and the schemas within them
    validate.py answers CONTRACT ANSWERS      answers against what the contract says of them
    validate.py files SCHEMA FILE...          files against a schema
    validate.py values CASES                  single values within documents

ANSWERS is a list of {"name", "path", "method", "status", "type", "body", "valid"}: "type" is the
media type, "body" the parsed body, "valid" whether the contract should allow it. Formats are
checked. CASES is a list of {"schema", "document", "path", "refused"}: whether the schema (a file)
refuses what stands at the path. The exit status is 1 when a line was printed.
"""

import datetime
import json
import sys
import uuid
from urllib.parse import urlsplit

from jsonschema import Draft202012Validator, FormatChecker

formats = FormatChecker(formats=())


@formats.checks("date-time", raises=ValueError)
def is_date_time(value):
    if not isinstance(value, str):
        return True
    time = datetime.datetime.fromisoformat(value.upper().replace("Z", "+00:00"))
    return time.tzinfo is not None and "T" in value.upper()


@formats.checks("uuid", raises=ValueError)
def is_uuid(value):
    return not isinstance(value, str) or str(uuid.UUID(value)) == value.lower()


@formats.checks("uri", raises=ValueError)
def is_uri(value):
    return not isinstance(value, str) or bool(urlsplit(value).scheme)


def read(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def place(error):
    return "/".join(str(step) for step in error.absolute_path)


def token(name):
    return name.replace("~", "~0").replace("/", "~1")


def schemas_of(value, path=()):
    """All Schema Objects of an OpenAPI document, with their paths."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from schemas_of(item, path + (index,))
    if not isinstance(value, dict):
        return
    for name, item in value.items():
        here = path + (name,)
        if name == "schema" and path[-1:] != ("properties",):
            yield here, item
        elif here[:-1] == ("components", "schemas"):
            yield here, item
        elif name not in ("example", "examples", "value"):
            yield from schemas_of(item, here)


def references_of(value):
    if isinstance(value, list):
        for item in value:
            yield from references_of(item)
    if isinstance(value, dict):
        for name, item in value.items():
            if name == "$ref" and isinstance(item, str):
                yield item
            elif name not in ("example", "value"):
                yield from references_of(item)


def find(document, reference):
    """The value that a local reference leads to; KeyError where it leads nowhere."""
    value = document
    for step in reference[2:].split("/"):
        value = value[step.replace("~1", "/").replace("~0", "~")]
    return value


def check_document(schema, document):
    for error in Draft202012Validator(schema).iter_errors(document):
        yield f"{place(error)}: {error.message}"
    meta = Draft202012Validator(Draft202012Validator.META_SCHEMA)
    for path, found in schemas_of(document):
        for error in meta.iter_errors(found):
            yield f"{'/'.join(map(str, path))}/{place(error)}: {error.message}"
    for reference in set(references_of(document)):
        try:
            find(document, reference)
        except KeyError:
            yield f"{reference} leads nowhere"
    yield from check_examples(document)


def check_examples(document):
    """The examples of media types against the schemas beside them."""
    for path, schema in schemas_of(document):
        media = document
        for step in path[:-1]:
            media = media[step]
        examples = [media["example"]] if "example" in media else []
        for example in media.get("examples", {}).values() if path[0] == "paths" else ():
            examples.append(find(document, example["$ref"])["value"] if "$ref" in example
                            else example["value"])
        for example in examples:
            pointer = "#/" + "/".join(token(str(step)) for step in path)
            for error in against(document, pointer).iter_errors(example):
                yield f"{pointer}: the example's {place(error)}: {error.message}"


def against(document, reference):
    """A validator for the schema at `reference`, whose own references lead into the document."""
    return Draft202012Validator({**document, "$ref": reference}, format_checker=formats)


def response_pointer(contract, answer):
    responses = f"#/paths/{token(answer['path'])}/{answer['method'].lower()}/responses"
    pointer = f"{responses}/{answer['status']}"
    response = find(contract, pointer)
    return response.get("$ref", pointer)


def check_answer(contract, answer):
    try:
        pointer = response_pointer(contract, answer)
        content = pointer + f"/content/{token(answer['type'])}"
        find(contract, content + "/schema")
    except KeyError:
        yield f"the contract says nothing of status {answer['status']} with {answer['type']}"
        return
    for error in against(contract, content + "/schema").iter_errors(answer["body"]):
        yield f"{place(error)}: {error.message}"


def check_answers(contract, answers):
    for answer in answers:
        found = list(check_answer(contract, answer))
        if answer["valid"]:
            yield from (f"{answer['name']}: {line}" for line in found)
        elif not found:
            yield f"{answer['name']}: the contract allows what it should not"


def check_files(schema, paths):
    Draft202012Validator.check_schema(schema)
    for path in paths:
        for error in Draft202012Validator(schema).iter_errors(read(path)):
            yield f"{path}: {place(error)}: {error.message}"


def with_context(errors):
    """Errors, and those within their alternatives."""
    for error in errors:
        yield error
        yield from with_context(error.context)


def check_values(cases):
    validators = {}
    for case in cases:
        name, path = case["schema"], case["path"]
        if name not in validators:
            validators[name] = Draft202012Validator(read(name))
        errors = with_context(validators[name].iter_errors(case["document"]))
        refused = any(list(error.absolute_path)[:len(path)] == path for error in errors)
        if refused != case["refused"]:
            verdict = "allows" if case["refused"] else "refuses"
            yield f"{name} {verdict} {json.dumps(case['document'])}"


def main(arguments):
    if arguments[0] == "files":
        lines = check_files(read(arguments[1]), arguments[2:])
    elif arguments[0] == "values":
        lines = check_values(read(arguments[1]))
    elif arguments[0] == "answers":
        lines = check_answers(read(arguments[1]), read(arguments[2]))
    else:
        schema = read(arguments[1])
        lines = (f"{path}: {line}" for path in arguments[2:]
                 for line in check_document(schema, read(path)))
    count = 0
    for line in lines:
        print(line)
        count += 1
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
