"""Examples of files."""

from __future__ import annotations

from groundlevel.kernel.errors import InvalidUpdate, InvalidValue
from groundlevel.kernel.model import MAX_SAFE_INTEGER, DataType, Json
from tests.kernel.fields.rows.base import EMPTY, NUL, UNEXPECTED, UNSAVED, Examples, RefusedChange, field_of

PDF = "https://files.example.com/a/report.pdf"
PNG = "http://files.example.com/b.PNG"


def stored_file(url: str, name: str, extension: str, **meta: Json) -> dict[str, Json]:
    return {"url": url, "meta": {"name": name, "extension": extension, **meta}}


PDF_FILE = stored_file(PDF, "report.pdf", "pdf")
PNG_FILE = stored_file(PNG, "b.PNG", "png")

FILES: tuple[tuple[Json, Json], ...] = (
    ([{"url": PDF}], [PDF_FILE]),
    ([PDF], [PDF_FILE]),
    ([{"url": PDF}, {"url": PNG}], [PDF_FILE, PNG_FILE]),
    ([{"url": PDF}, {"url": PDF, "name": "second mention"}], [PDF_FILE]),
    ([{"url": PDF, "name": "Q3"}], [stored_file(PDF, "Q3", "pdf")]),
    ([{"url": PDF, "name": "lies.exe"}], [stored_file(PDF, "lies.exe", "pdf")]),
    ([{"url": PDF, "name": None, "meta": None}], [PDF_FILE]),
    ([{"url": PDF, "name": ""}], [PDF_FILE]),
    (
        [{"url": PDF, "meta": {"name": "Q3", "size": 10, "extension": "exe", "uuid": "x"}}],
        [stored_file(PDF, "Q3", "pdf", size=10)],
    ),
    ([{"url": PDF, "name": "first", "meta": {"name": "second"}}], [stored_file(PDF, "first", "pdf")]),
    ([{"url": PDF, "meta": {"size": 0}}], [stored_file(PDF, "report.pdf", "pdf", size=0)]),
    ([{"url": PDF, "meta": {"size": None}}], [PDF_FILE]),
    ([{"url": PDF + "?x=1.png#y.doc"}], [stored_file(PDF + "?x=1.png#y.doc", "report.pdf", "pdf")]),
    (
        [{"url": "https://files.example.com/get?id=1", "name": "Scan.JPG"}],
        [stored_file("https://files.example.com/get?id=1", "Scan.JPG", "jpg")],
    ),
    ([{"url": "https://files.example.com"}], [stored_file("https://files.example.com", "", "")]),
    ([{"url": "HTTPS://127.0.0.1:8080/x"}], [stored_file("HTTPS://127.0.0.1:8080/x", "x", "")]),
    (
        [{"url": "https://files.example.com/r%C3%A9sum%C3%A9%00%0A.pdf"}],
        [stored_file("https://files.example.com/r%C3%A9sum%C3%A9%00%0A.pdf", "résumé.pdf", "pdf")],
    ),
    (
        [{"url": "https://files.example.com/..%2F..%2Fetc%2Fpasswd"}],
        [stored_file("https://files.example.com/..%2F..%2Fetc%2Fpasswd", "passwd", "")],
    ),
    (
        [{"url": "https://files.example.com/" + "n" * 300 + ".pdf"}],
        [stored_file("https://files.example.com/" + "n" * 300 + ".pdf", "n" * 255, "pdf")],
    ),
    ([], None),
)
URL = "expected an http(s) url"
NOT_FILES: tuple[tuple[Json, str], ...] = (
    (PDF, "expected an array of files, got a string"),
    ({"url": PDF}, "expected an array of files, got an object"),
    (5, "expected an array of files, got a number"),
    ([None], "expected an object with a url, got null"),
    ([5], "expected an object with a url, got a number"),
    ([[PDF]], "expected an object with a url, got an array"),
    ([{}], "a file has a url"),
    ([{"name": "a.pdf"}], "a file has a url"),
    ([{"url": PDF, "size": 5}], "a file has a url, and may have a name and meta"),
    ([{"url": None}], "expected a string, got null"),
    ([{"url": ""}], EMPTY),
    ([""], EMPTY),
    ([{"url": "report.pdf"}], URL),
    ([{"url": "//files.example.com/report.pdf"}], URL),
    ([{"url": "ftp://files.example.com/report.pdf"}], URL),
    ([{"url": "javascript:alert(1)//https://x.example/a.pdf"}], URL),
    ([{"url": "data:application/pdf;base64,AAAA"}], URL),
    ([{"url": "https:///report.pdf"}], URL),
    ([{"url": "https://[::1/report.pdf"}], URL),
    ([{"url": "https://files.example.com:99999/report.pdf"}], URL),
    ([{"url": "https://files.example.com:0/report.pdf"}], URL),
    ([{"url": "https://files.example.com/my report.pdf"}], URL),
    ([{"url": "https://files.example.com/\nreport.pdf"}], URL),
    ([{"url": " " + PDF}], URL),
    ([{"url": "https://files.example.com/" + "a" * 4_096}], URL),
    ([{"url": PDF + "\x00"}], NUL),
    ([{"url": PDF, "name": 5}], "expected a string, got a number"),
    ([{"url": PDF, "name": False}], "expected a string, got a boolean"),
    ([{"url": PDF, "name": "n" * 256}], "at most 255 characters"),
    ([{"url": PDF, "name": "a\x00.pdf"}], NUL),
    ([{"url": PDF, "meta": []}], "expected an object as meta, got an array"),
    ([{"url": PDF, "meta": {"name": 5}}], "expected a string, got a number"),
    ([{"url": PDF, "meta": {"size": -1}}], "whole number of bytes"),
    ([{"url": PDF, "meta": {"size": 1.5}}], "whole number of bytes"),
    ([{"url": PDF, "meta": {"size": True}}], "whole number of bytes"),
    ([{"url": PDF, "meta": {"size": MAX_SAFE_INTEGER + 1}}], "whole number of bytes"),
)
FILE_DELTAS: tuple[tuple[Json, Json, Json], ...] = (
    (None, {"add": [{"url": PDF}]}, [PDF_FILE]),
    ([PDF_FILE], {}, [PDF_FILE]),
    ([PDF_FILE], {"add": [{"url": PNG}]}, [PDF_FILE, PNG_FILE]),
    ([PDF_FILE], {"add": [{"url": PDF, "name": "again"}]}, [PDF_FILE]),
    ([PDF_FILE, PNG_FILE], {"remove": [{"url": PDF}]}, [PNG_FILE]),
    ([PDF_FILE], {"remove": [{"url": PDF}]}, None),
    ([PDF_FILE], {"add": [{"url": PNG, "name": "p"}], "remove": [{"url": PDF}]}, [stored_file(PNG, "p", "png")]),
)
FILE_UPDATES = "We couldn't process file updates for File upload."
UNEXPECTED_FILES = UNEXPECTED.format("File upload")
REFUSED_FILE_CHANGES = (
    *(
        RefusedChange([PDF_FILE], update, strict, refusal, message)
        for strict in (False, True)
        for update, refusal, message in (
            ({"set": []}, InvalidUpdate, UNEXPECTED_FILES),
            ({"url": PDF}, InvalidUpdate, UNEXPECTED_FILES),
            ({"add": {"url": PDF}}, InvalidUpdate, UNEXPECTED_FILES),
            ({"remove": None}, InvalidUpdate, UNEXPECTED_FILES),
            ({"remove": [{"url": PNG}]}, InvalidValue, f"File upload {UNSAVED}"),
            ({"remove": [{}]}, InvalidValue, "expected an object with a url"),
            ({"remove": [{"url": 5}]}, InvalidValue, "expected a string, got a number"),
            ({"add": [{"url": "nowhere"}]}, InvalidValue, URL),
        )
    ),
    *(
        RefusedChange([PDF_FILE], update, True, InvalidUpdate, message)
        for update, message in (
            ([{"url": PNG}], UNEXPECTED_FILES),
            (PNG, UNEXPECTED_FILES),
            ({"add": [PNG_FILE]}, FILE_UPDATES),
            ({"add": [PNG]}, FILE_UPDATES),
            ({"remove": [PDF_FILE]}, FILE_UPDATES),
        )
    ),
    RefusedChange(None, {"remove": [{"url": PDF}]}, False, InvalidValue, f"File upload {UNSAVED}"),
    RefusedChange([PDF_FILE], {"remove": [5]}, False, InvalidValue, "expected an object with a url, got a number"),
    RefusedChange([PDF_FILE], PNG, False, InvalidValue, "expected an array of files, got a string"),
)


FILE_UPLOAD = Examples(
    field=field_of(DataType.FILE_UPLOAD),
    accepted=FILES,
    refused=NOT_FILES,
    refused_beyond_json=(([{"url": PDF + "\ud800"}], NUL),),
    changed=(
        *FILE_DELTAS,
        ([PDF_FILE], [{"url": PNG}], [PNG_FILE]),
        ([PDF_FILE], [], None),
        ([PDF_FILE], {"add": [PNG_FILE]}, [PDF_FILE, PNG_FILE]),
        ([PDF_FILE], {"add": [PNG], "remove": [PDF]}, [PNG_FILE]),
        ([PDF_FILE, PNG_FILE], {"remove": [PNG_FILE]}, [PDF_FILE]),
    ),
    strictly_changed=FILE_DELTAS,
    refused_changes=REFUSED_FILE_CHANGES,
    cells=(
        (PDF, [{"url": PDF}]),
        (f" {PDF};{PNG}\n", [{"url": PDF}, {"url": PNG}]),
    ),
    refused_cells=("report.pdf", f"{PDF} and more"),
    search=(([PDF_FILE, PNG_FILE], "report.pdf, b.PNG"),),
    operands=(("anything", "anything"),),
    refused_operands=(5,),
)

TWO_PDFS = Examples(
    field=field_of(DataType.FILE_UPLOAD, accepted_formats=".pdf", max_file_limit=2),
    accepted=(
        ([PDF], [PDF_FILE]),
        ([PDF, PDF, PDF], [PDF_FILE]),
        (["https://x.example/A.PDF"], [stored_file("https://x.example/A.PDF", "A.PDF", "pdf")]),
        (
            [{"url": "https://x.example/get", "name": "a.pdf"}],
            [stored_file("https://x.example/get", "a.pdf", "pdf")],
        ),
    ),
    refused=(
        ([PNG], "not of an accepted format"),
        ([{"url": PNG, "name": "a.pdf"}], "not of an accepted format"),
        (["https://x.example/get"], "not of an accepted format"),
        (["https://x.example/pdf"], "not of an accepted format"),
        ([f"https://x.example/{n}.pdf" for n in range(3)], "at most 2 files are allowed, got 3"),
    ),
    changed=(
        (
            [PDF_FILE, PNG_FILE, stored_file("https://x.example/c", "c", "")],
            {"remove": [PNG]},
            [
                PDF_FILE,
                stored_file("https://x.example/c", "c", ""),
            ],
        ),
        (
            [stored_file(f"https://x.example/{n}.pdf", f"{n}.pdf", "pdf") for n in range(4)],
            {"remove": ["https://x.example/0.pdf"]},
            [stored_file(f"https://x.example/{n}.pdf", f"{n}.pdf", "pdf") for n in range(1, 4)],
        ),
    ),
    refused_changes=(
        RefusedChange([PDF_FILE], {"add": [PNG]}, False, InvalidValue, "not of an accepted format"),
        RefusedChange(
            [PDF_FILE],
            {"add": [{"url": "https://x.example/1.pdf"}, {"url": "https://x.example/2.pdf"}]},
            True,
            InvalidValue,
            "at most 2 files are allowed, got 3",
        ),
    ),
    search=(([PDF_FILE], "report.pdf"),),
)

ONE_PICTURE = Examples(
    field=field_of(DataType.FILE_UPLOAD, accepted_formats=".jpg, .png", max_file_limit=1),
    accepted=(([PNG], [PNG_FILE]),),
    refused=(([PDF], "not of an accepted format"),),
    search=(([PNG_FILE], "b.PNG"),),
)

ANY_FORMAT = Examples(
    field=field_of(DataType.FILE_UPLOAD, accepted_formats="all"),
    accepted=(([PDF, PNG], [PDF_FILE, PNG_FILE]),),
    refused=((["nowhere"], URL),),
    search=(([PDF_FILE], "report.pdf"),),
)
