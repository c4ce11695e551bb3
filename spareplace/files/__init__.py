"""The JSON files: clusters and plans, read without trust and written to be read again."""

from spareplace.files.decode_cluster import read_cluster
from spareplace.files.decode_plan import read_plan
from spareplace.files.encode import (
    cluster_text,
    document_text,
    plan_text,
    shaped_document,
    shaped_text,
)
from spareplace.files.json_schema import schema, schema_of
from spareplace.files.json_text import LARGEST_FILE
from spareplace.files.storage import load_cluster, load_plan, save_cluster, save_plan, write_whole

__all__ = [
    "LARGEST_FILE",
    "cluster_text",
    "document_text",
    "load_cluster",
    "load_plan",
    "plan_text",
    "read_cluster",
    "read_plan",
    "save_cluster",
    "save_plan",
    "schema",
    "schema_of",
    "shaped_document",
    "shaped_text",
    "write_whole",
]
