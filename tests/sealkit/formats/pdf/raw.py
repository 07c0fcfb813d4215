"""PDFs written by hand, for what no library would write."""


def raw_pdf(catalogue, objects=None, trailer=b""):
    """A document of one empty page: object 1 is `catalogue`, others as given."""
    numbered = {
        1: catalogue,
        2: b"<</Type/Pages/Kids[8 0 R]/Count 1>>",
        8: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 10 10]>>",
    } | (objects or {})
    document = bytearray(b"%PDF-1.7\n")
    offsets = {}
    for number, body in numbered.items():
        offsets[number] = len(document)
        document += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    size = max(numbered) + 1
    start = len(document)
    document += b"xref\n0 1\n0000000000 65535 f \n"
    for number in sorted(offsets):
        document += b"%d 1\n%010d 00000 n \n" % (number, offsets[number])
    document += b"trailer\n<</Size %d/Root 1 0 R%b>>\nstartxref\n%d\n%%%%EOF\n" % (
        size,
        trailer,
        start,
    )
    return bytes(document)
