"""Media types by file name, from a built-in table: the same on every machine, and nothing of the file is read."""

from __future__ import annotations

DEFAULT = "application/octet-stream"

_TYPES = {
    "application/gzip": "gz tgz",
    "application/json": "json",
    "application/ld+json": "jsonld",
    "application/msgpack": "msgpack",
    "application/pdf": "pdf",
    "application/sql": "sql",
    "application/toml": "toml",
    "application/vnd.apache.arrow.file": "arrow feather",
    "application/vnd.apache.avro": "avro",
    "application/vnd.apache.orc": "orc",
    "application/vnd.apache.parquet": "parquet pq",
    "application/vnd.ms-excel": "xls",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.sqlite3": "sqlite sqlite3 db",
    "application/x-7z-compressed": "7z",
    "application/x-bzip2": "bz2",
    "application/x-hdf5": "h5 hdf5",
    "application/x-ipynb+json": "ipynb",
    "application/x-netcdf": "nc",
    "application/x-ndjson": "jsonl ndjson",
    "application/x-numpy": "npy npz",
    "application/x-python-pickle": "pkl pickle",
    "application/x-sh": "sh",
    "application/x-tar": "tar",
    "application/x-xz": "xz",
    "application/xml": "xml",
    "application/yaml": "yaml yml",
    "application/zip": "zip",
    "application/zstd": "zst",
    "audio/flac": "flac",
    "audio/mpeg": "mp3",
    "audio/ogg": "ogg oga",
    "audio/wav": "wav",
    "image/bmp": "bmp",
    "image/gif": "gif",
    "image/jpeg": "jpg jpeg",
    "image/png": "png",
    "image/svg+xml": "svg",
    "image/tiff": "tif tiff",
    "image/webp": "webp",
    "text/csv": "csv",
    "text/html": "html htm",
    "text/markdown": "md",
    "text/plain": "txt text log",
    "text/tab-separated-values": "tsv",
    "text/x-python": "py",
    "text/x-r": "r",
    "video/mp4": "mp4 m4v",
    "video/quicktime": "mov",
    "video/webm": "webm",
    "video/x-matroska": "mkv",
    "video/x-msvideo": "avi",
}
_BY_SUFFIX = {suffix: media_type for media_type, suffixes in _TYPES.items() for suffix in suffixes.split()}


def media_type(path: str) -> str:
    """Return the media type of a path (lower case, without parameters)."""
    dot = path.rfind(".")
    return DEFAULT if dot < 0 else _BY_SUFFIX.get(path[dot + 1 :].lower(), DEFAULT)
